# Verifies a Postrider webhook with nothing but Ruby's standard library.
#
#   ruby verify.rb <webhook-id> <webhook-timestamp> <webhook-signature> < body
#   ruby verify.rb --hub <X-Hub-Signature> < body
require 'openssl'

# True where one of the signatures is right and the time is near. raw_body: the bytes as they came.
def verify(secret, raw_body, id, timestamp, signatures, tolerance_seconds: 300, now: Time.now.to_i)
  return false if (now - Integer(timestamp)).abs > tolerance_seconds

  key = secret.delete_prefix('whsec_').unpack1('m')
  digest = OpenSSL::HMAC.digest('SHA256', key, "#{id}.#{timestamp}.".b + raw_body.b)
  expected = "v1,#{[digest].pack('m0')}"
  signatures.split(' ').any? { |one| OpenSSL.secure_compare(expected, one) }
end

# X-Hub-Signature, keyed with the secret as it reads. It does not cover the time.
def verify_hub(secret, raw_body, x_hub_signature)
  OpenSSL.secure_compare("sha256=#{OpenSSL::HMAC.hexdigest('SHA256', secret, raw_body)}", x_hub_signature)
end

if $PROGRAM_NAME == __FILE__
  check, values = ARGV[0] == '--hub' ? [:verify_hub, ARGV[1, 1]] : [:verify, ARGV[0, 3]]
  ok = send(check, ENV.fetch('SIGNING_SECRET'), $stdin.binmode.read, *values)
  puts ok ? 'verified' : 'NOT VERIFIED'
  exit ok
end
