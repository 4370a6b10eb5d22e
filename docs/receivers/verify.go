// Verifies a Postrider webhook with nothing but Go's standard library.
//
//	go run verify.go <webhook-id> <webhook-timestamp> <webhook-signature> < body
//	go run verify.go --hub <X-Hub-Signature> < body
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

const tolerance = 5 * time.Minute

// Verify tells whether one of the signatures is right and the time is near. rawBody: the bytes as they came.
func Verify(secret string, rawBody []byte, id, timestamp, signatures string) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > tolerance {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.", id, timestamp)
	mac.Write(rawBody)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	for _, one := range strings.Split(signatures, " ") {
		if hmac.Equal(expected, []byte(one)) {
			return true
		}
	}
	return false
}

// VerifyHub checks X-Hub-Signature, keyed with the secret as it reads. It does not cover the time.
func VerifyHub(secret string, rawBody []byte, xHubSignature string) bool {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(rawBody)
	return hmac.Equal([]byte("sha256="+hex.EncodeToString(mac.Sum(nil))), []byte(xHubSignature))
}

func isRight(secret string, body []byte, args []string) bool {
	if len(args) == 2 && args[0] == "--hub" {
		return VerifyHub(secret, body, args[1])
	}
	return len(args) == 3 && Verify(secret, body, args[0], args[1], args[2])
}

func main() {
	body, err := io.ReadAll(os.Stdin)
	if err != nil || !isRight(os.Getenv("SIGNING_SECRET"), body, os.Args[1:]) {
		fmt.Println("NOT VERIFIED")
		os.Exit(1)
	}
	fmt.Println("verified")
}
