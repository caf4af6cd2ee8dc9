"""Keeps all that the emulated AWS has in a file, and brings it back: an apply of every stack takes a quarter of an hour."""

import pickle

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509 import Certificate, load_der_x509_certificate
from moto.backends import get_backend
from moto.core.base_backend import BackendDict

from .elasticache_global import datastores


def private_key(der):
    return load_der_private_key(der, None)


def certificate(der):
    return load_der_x509_certificate(der)


class Pickler(pickle.Pickler):
    def reducer_override(self, thing):
        if isinstance(thing, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
            der = thing.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            return private_key, (der,)
        if isinstance(thing, Certificate):
            return certificate, (thing.public_bytes(Encoding.DER),)
        return NotImplemented


def save(path):
    services = {backends.service_name: dict(backends) for backends in BackendDict._instances}
    with open(path, "wb") as file:
        Pickler(file).dump((services, datastores))


def load(path):
    with open(path, "rb") as file:
        services, kept = pickle.load(file)
    for name, accounts in services.items():
        get_backend(name).update(accounts)
        BackendDict._instances.append(get_backend(name))
    datastores.update(kept)
