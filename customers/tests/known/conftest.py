"""A customer of whom much is known: two addresses, a number, an organisation, a name with dots."""

import pytest

from accounts.models import User
from customers import operations
from customers.models import Organisation, Person


@pytest.fixture
def alice(db) -> User:
    """An agent."""
    return User.objects.create_user("alice@desk.example", name="Alice Agent", time_zone="Europe/Berlin")


@pytest.fixture
def acme(db) -> Organisation:
    return Organisation.objects.create(name="Acme Fabrik")


@pytest.fixture
def carol(alice, acme) -> Person:
    """An external customer with two addresses and a number."""
    return operations.add_person(
        by=alice,
        name="Carol Müller",
        called="Caro",
        organisation=acme,
        emails=["carol@acme.example", "Caro.M@Home.Example"],
        phones=["030 123456"],
    )
