"""Proof by a public key: the sender signs with a key that nobody else has, and we hold only its public half.

What we keep can therefore prove a delivery and cannot forge one. The library is loaded where a signature is checked and
not before: most senders share a secret with us, and no cold start waits for what it does not need.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TYPE_CHECKING

from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import Unauthentic

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_LONGEST = 128
"""Letters of a signature over P-256 in base64: 96 at most, as its two numbers are 33 bytes at most."""


def check_p256(keys: Sequence[str], name: str, message: bytes, signature: str) -> None:
    """Refuse unless `signature` (base64 of the DER form) is the message's under one of the public keys, by ECDSA over
    P-256 with SHA-256. A key is the base64 of its SubjectPublicKeyInfo, with or without the lines of a PEM file; `name`
    is the secret that holds them. Raises Unauthentic, and Misconfigured for what is no such key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256

    offered = _signature(signature)
    for key in [_p256(text, name) for text in keys]:
        try:
            key.verify(offered, message, ECDSA(SHA256()))
        except InvalidSignature:
            continue
        return
    raise Unauthentic("signature_wrong")


def check_ed25519(keys: Sequence[str], name: str, message: bytes, offered: Sequence[str]) -> None:
    """Refuse unless one of the signatures (base64 of 64 bytes, RFC 8032) is the message's under one of the public keys
    (base64 of 32 bytes); `name` is the secret that holds them. Raises Unauthentic, and Misconfigured for what is no
    such key."""
    from cryptography.exceptions import InvalidSignature

    signatures = [_signature(text) for text in offered]
    for key in [_ed25519(text, name) for text in keys]:
        for signature in signatures:
            try:
                key.verify(signature, message)
            except InvalidSignature:
                continue
            return
    raise Unauthentic("signature_wrong")


def _signature(text: str) -> bytes:
    """The bytes of a signature, of which there is one spelling only."""
    if not text:
        raise Unauthentic("signature_missing")
    try:
        offered = base64.b64decode(text, validate=True) if len(text) <= _LONGEST else b""
    except (binascii.Error, ValueError):
        offered = b""
    if not offered or base64.b64encode(offered).decode() != text:
        raise Unauthentic("signature_form")
    return offered


def _p256(text: str, name: str) -> EllipticCurvePublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    letters = "".join(line.strip() for line in text.splitlines() if not line.startswith("-----"))
    try:
        key = load_der_public_key(base64.b64decode(letters, validate=True))
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise Misconfigured(f"a value of the secret {name!r} is no public key of the kind P-256; copy it again")
    return key


def _ed25519(text: str, name: str) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise Misconfigured(f"a value of the secret {name!r} is no Ed25519 public key; copy it again") from None
