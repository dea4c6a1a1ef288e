"""Settings as operators write them."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.runtime.environment_example import (
    EXAMPLE,
    MARK,
    all_settings,
    generated_part,
    settings_classes,
    unknown_variables,
)
from shared.runtime.setting_kinds import Duration, Endpoints, Networks, Octets, Words, written
from shared.runtime.settings import ServiceSettings, WrongSetting, read_settings
from shared.runtime.site_settings import SiteSettings
from shared.runtime.tests.echo_service import EchoSettings
from shared.runtime.tests.running import ROOT

KINDS: list[tuple[Any, str, object]] = [
    (Duration, "500ms", timedelta(milliseconds=500)),
    (Duration, "8s", timedelta(seconds=8)),
    (Duration, "8", timedelta(seconds=8)),
    (Duration, "1.5h", timedelta(minutes=90)),
    (Duration, "3d", timedelta(days=3)),
    (Octets, "4096", 4096),
    (Octets, "64 KiB", 65536),
    (Octets, "25MiB", 25 << 20),
    (Words, "one, two three", ("one", "two", "three")),
    (Words, "off", ()),
    (Endpoints, "tcp:2025 tcp6:2025", ("tcp:2025", "tcp6:2025")),
    (Endpoints, "off", ()),
    (Networks, "10.0.0.0/8, ::1", (ip_network("10.0.0.0/8"), ip_network("::1"))),
]
REFUSED: list[tuple[Any, str]] = [
    (Duration, "soon"),
    (Duration, "-1s"),
    (Octets, "1.5MiB"),
    (Octets, "25MB"),
    (Endpoints, "2025"),
    (Networks, "10.0.0.1/8"),
    (Networks, "localhost"),
]


@pytest.mark.parametrize(("kind", "text", "value"), KINDS)
def test_value_is_read_as_written(kind: Any, text: str, value: object) -> None:
    assert TypeAdapter(kind).validate_python(text) == value


@pytest.mark.parametrize(("kind", "text"), REFUSED)
def test_value_is_refused(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize(("kind", "text", "value"), KINDS)
def test_written_value_is_read_back(kind: Any, text: str, value: object) -> None:
    assert TypeAdapter(kind).validate_python(written(value, kind.__metadata__)) == value


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_WORKERS", "4")
    monkeypatch.setenv("AGORA_ECHO_ENDPOINTS", "tcp:1 tcp:2")
    settings = read_settings(EchoSettings)
    assert settings.workers == 4
    assert settings.endpoints_of("echo") == ("tcp:1", "tcp:2")


def test_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_WORKERS", "")
    monkeypatch.setenv("AGORA_CERTIFICATE_FILE", "")
    settings = read_settings(EchoSettings)
    assert settings.workers == 1
    assert settings.certificate_file is None


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        ServiceSettings().workers = 2


def test_sentence_names_the_setting_and_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_SHUTDOWN_GRACE", "a while")
    with pytest.raises(
        WrongSetting, match=r"^AGORA_SHUTDOWN_GRACE is 'a while', which should be a length of time .*\.$"
    ):
        read_settings(ServiceSettings)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AGORA_SHUTDOWN_GRACE", "9.5s"),
        ("AGORA_ECHO_ENDPOINTS", "tpc:2007"),
        ("AGORA_FAILS", "maybe"),
        ("AGORA_DATABASE_PASSWORD_FILE", "/nowhere"),
        ("AGORA_REDIS_URL", "http://redis"),
        ("AGORA_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("AGORA_HOSTNAME", "two words"),
        ("AGORA_WORKERS", "some"),
        ("AGORA_WORKERS", "0"),
        ("AGORA_LOG_FORMAT", "nonsense"),
    ],
)
def test_wrong_value_is_one_sentence(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(WrongSetting) as caught:
        read_settings(EchoSettings)
    assert str(caught.value).startswith(variable)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    # Read aloud, it is a sentence: the value is named once, and what follows "which" has the setting as its subject.
    assert str(caught.value).count(repr(value)) <= 1
    assert re.match(rf"{variable}( is {re.escape(repr(value))}, which)? (should|names|holds) ", str(caught.value))


def test_sentence_shows_what_a_value_looks_like_and_no_expression(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_WEB_URL", "https://example.org/")
    monkeypatch.setenv("AGORA_MAIL_DOMAIN", "not a domain")
    with pytest.raises(WrongSetting) as caught:
        read_settings(SiteSettings)
    assert caught.value.sentences == (
        "AGORA_MAIL_DOMAIN is 'not a domain', which should look like example.org.",
        "AGORA_WEB_URL should look like https://example.org, without a path.",
    )


def test_every_expression_that_a_value_must_match_has_an_example() -> None:
    fields = [field for each in settings_classes().values() for field in each.model_fields.values()]
    bare = [each for each in fields if "pattern=" in repr(each.metadata) and not each.examples]
    assert not bare


def test_password_in_a_url_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_DATABASE_URL", "postgresql://agora:mellon@db/agora")
    with pytest.raises(WrongSetting) as caught:
        read_settings(ServiceSettings)
    assert "AGORA_DATABASE_URL" in str(caught.value)
    assert "mellon" not in str(caught.value)


def test_certificate_without_key_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "certificate.pem").touch()
    monkeypatch.setenv("AGORA_CERTIFICATE_FILE", str(tmp_path / "certificate.pem"))
    with pytest.raises(WrongSetting, match="AGORA_KEY_FILE must be set together"):
        read_settings(ServiceSettings)


@pytest.mark.parametrize("url", ["redis://redis:6379/0", "rediss://redis", "unix:///run/redis/socket"])
def test_redis_may_be_anywhere(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AGORA_REDIS_URL", url)
    assert read_settings(ServiceSettings).redis_url == url


def test_example_lists_every_setting_with_its_default() -> None:
    _head, mark, rest = EXAMPLE.read_text().partition(MARK)
    assert mark
    assert rest == generated_part(), "run python -m shared.runtime.environment_example"


def test_every_setting_says_what_it_is_for() -> None:
    for fields in all_settings().values():
        for variable, field in fields.items():
            assert (field.description or "").endswith("."), variable


def test_example_can_be_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = re.findall(r"^#(AGORA_\w+)=(.*)$", EXAMPLE.read_text().partition(MARK)[2], re.MULTILINE)
    defaults = {name: settings_class() for name, settings_class in settings_classes().items()}
    for variable, value in lines:
        monkeypatch.setenv(variable, value)
    for name, settings_class in settings_classes().items():
        assert read_settings(settings_class) == defaults[name]


def test_example_names_what_compose_and_kubernetes_set() -> None:
    sources = [ROOT / "compose.yaml", *(ROOT / "k8s").rglob("*.yaml")]
    used = {name for source in sources for name in re.findall(r"\bAGORA_\w+", source.read_text())}
    assert used <= set(re.findall(r"\bAGORA_\w+", EXAMPLE.read_text()))


def test_misspelt_variable_is_found() -> None:
    assert unknown_variables({"AGORA_WORKER": "2", "AGORA_WORKERS": "2", "HOME": "/"}) == ["AGORA_WORKER"]
