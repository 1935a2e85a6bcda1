#!/usr/bin/env bash
# Makes the certificates of tests/tls.rs again: an authority of our own, and a certificate of its for this computer. They protect
# nothing, since the keys are here for all to read; they are valid for a hundred years, so that no test fails on a birthday.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }
authority=$(mktemp -d)
trap 'rm -r "$authority"' EXIT
key "$authority/key.pem"
openssl req -x509 -new -key "$authority/key.pem" -days 36500 -subj "/CN=Resnette tests" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" -out authority.pem
key host-key.pem
key other-key.pem
openssl req -new -key host-key.pem -subj "/CN=class.example" -out "$authority/request.pem"
printf '%s\n' "basicConstraints=critical,CA:FALSE" "subjectAltName=DNS:class.example,IP:127.0.0.1" \
  "extendedKeyUsage=serverAuth" "keyUsage=critical,digitalSignature" > "$authority/extensions"
openssl x509 -req -in "$authority/request.pem" -CA authority.pem -CAkey "$authority/key.pem" -CAcreateserial -days 36499 \
  -extfile "$authority/extensions" -out host.pem 2>/dev/null
rm -f authority.srl
