// How a receiver verifies what comes, with the secret filled in: over the raw body, before it is parsed.
export interface Snippet {
  readonly language: string;
  readonly code: string;
}

export function verifySnippets(secret: string): Snippet[] {
  return [
    {
      language: 'Node.js',
      code: `import { createHmac, timingSafeEqual } from 'node:crypto';

const secret = '${secret}';
export function verifies(rawBody, request) {
  const expected = Buffer.from('sha256=' + createHmac('sha256', secret).update(rawBody).digest('hex'));
  const sent = Buffer.from(request.headers['x-hub-signature'] ?? '');
  return sent.length === expected.length && timingSafeEqual(sent, expected);
}`,
    },
    {
      language: 'Python',
      code: `import hashlib, hmac

SECRET = "${secret}"
def verifies(raw_body: bytes, headers) -> bool:
    expected = "sha256=" + hmac.new(SECRET.encode(), raw_body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, headers.get("X-Hub-Signature", ""))`,
    },
    {
      language: 'Go',
      code: `const secret = "${secret}"

func verifies(rawBody []byte, r *http.Request) bool {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(rawBody)
	expected := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	return hmac.Equal([]byte(expected), []byte(r.Header.Get("X-Hub-Signature")))
}`,
    },
    {
      language: 'Ruby',
      code: `require "openssl"

SECRET = "${secret}"
def verifies?(raw_body, request)
  expected = "sha256=" + OpenSSL::HMAC.hexdigest("SHA256", SECRET, raw_body)
  OpenSSL.secure_compare(expected, request.get_header("HTTP_X_HUB_SIGNATURE").to_s)
end`,
    },
    {
      language: 'Shell',
      code: `SECRET='${secret}'
# compare with the X-Hub-Signature header of the request whose raw body is in body.json
printf 'sha256=%s\\n' "$(openssl dgst -sha256 -hmac "$SECRET" -r < body.json | cut -d' ' -f1)"`,
    },
  ];
}
