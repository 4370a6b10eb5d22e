<?php
// Verifies a Postrider webhook with nothing but PHP.
//
//   php verify.php <webhook-id> <webhook-timestamp> <webhook-signature> < body
//   php verify.php --hub <X-Hub-Signature> < body

/** True where one of the signatures is right and the time is near. $rawBody: file_get_contents('php://input'). */
function verify(string $secret, string $rawBody, string $id, string $timestamp, string $signatures, int $toleranceSeconds = 300): bool
{
    if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > $toleranceSeconds) {
        return false;
    }
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
    if ($key === false) {
        return false;
    }
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$rawBody", $key, true));
    foreach (explode(' ', $signatures) as $one) {
        if (hash_equals($expected, $one)) {
            return true;
        }
    }
    return false;
}

/** X-Hub-Signature, keyed with the secret as it reads. It does not cover the time. */
function verifyHub(string $secret, string $rawBody, string $xHubSignature): bool
{
    return hash_equals('sha256=' . hash_hmac('sha256', $rawBody, $secret), $xHubSignature);
}

$secret = getenv('SIGNING_SECRET');
$rawBody = file_get_contents('php://stdin');
$isRight = $argv[1] === '--hub' ? verifyHub($secret, $rawBody, $argv[2]) : verify($secret, $rawBody, $argv[1], $argv[2], $argv[3]);
echo $isRight ? "verified\n" : "NOT VERIFIED\n";
exit($isRight ? 0 : 1);
