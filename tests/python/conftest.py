"""The TD emulator for TD's own Python clients: started once, stopped at the end."""

import json
import pathlib
import subprocess
import uuid
from dataclasses import dataclass

import pytest
import tdclient

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclass
class Account:
    """Where an account is, and the keys that open it."""

    url: str
    keys: dict

    def client(self, key="master", **options):
        return tdclient.Client(apikey=self.keys[key], endpoint=self.url, **options)


@dataclass
class Emulator:
    accounts: dict

    def __getitem__(self, name):
        return self.accounts[name]


@pytest.fixture(scope="session")
def emulator():
    command = ["node", str(ROOT / "tests/emulator/cli.js"), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        ready = json.loads(process.stdout.readline())
        yield Emulator({a["name"]: Account(a["url"], a["keys"]) for a in ready["accounts"]})
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def prod(emulator):
    return emulator["prod"]


@pytest.fixture
def client(prod):
    with prod.client() as client:
        yield client


@pytest.fixture
def database(client):
    """A database of its own for a test."""
    name = f"py_{uuid.uuid4().hex}"
    client.create_database(name)
    yield name
    client.delete_database(name)


def query(client, database, sql, type="presto", **options):
    """Runs a query to its end."""
    job = client.query(database, sql, type=type, **options)
    job.wait(wait_interval=0.01, timeout=30)
    return job


def rows(client, database, sql, **options):
    return list(query(client, database, sql, **options).result_format("msgpack"))
