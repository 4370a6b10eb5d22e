"""Verifies a Postrider webhook with nothing but Python's standard library.

    python3 verify.py <webhook-id> <webhook-timestamp> <webhook-signature> < body
    python3 verify.py --hub <X-Hub-Signature> < body
"""
import base64
import hashlib
import hmac
import os
import sys
import time


def verify(secret, raw_body, webhook_id, timestamp, signatures, tolerance_seconds=300, now=time.time):
    """True where one of the signatures is right and the time is near. `raw_body`: bytes, as they came."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{timestamp}.".encode() + raw_body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    right = any([hmac.compare_digest(expected.encode(), one.encode()) for one in signatures.split(" ")])
    return right and abs(now() - int(timestamp)) <= tolerance_seconds


def verify_hub(secret, raw_body, x_hub_signature):
    """X-Hub-Signature, keyed with the secret as it reads. It does not cover the time."""
    expected = "sha256=" + hmac.new(secret.encode(), raw_body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), x_hub_signature.encode())


if __name__ == "__main__":
    is_hub = sys.argv[1] == "--hub"
    check, values = (verify_hub, sys.argv[2:3]) if is_hub else (verify, sys.argv[1:4])
    ok = check(os.environ["SIGNING_SECRET"], sys.stdin.buffer.read(), *values)
    print("verified" if ok else "NOT VERIFIED")
    sys.exit(0 if ok else 1)
