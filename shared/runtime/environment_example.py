"""`.env.example`: every setting of every service, with what it is for and its default.

The part below MARK follows from the settings' definitions; `python -m shared.runtime.environment_example` writes it.
"""

from __future__ import annotations

import importlib
import pkgutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic.fields import FieldInfo

from shared.doors import DOORS
from shared.runtime.setting_kinds import written
from shared.runtime.settings import ServiceSettings, variable_name

MARK = "# ---- From here on: python -m shared.runtime.environment_example ----\n"
EXAMPLE = Path(__file__).parents[2] / ".env.example"
WIDTH = 118


def settings_classes() -> Mapping[str, type[ServiceSettings]]:
    """The settings class of each service in this tree, by the service's name."""
    import services

    classes: dict[str, type[ServiceSettings]] = {}
    for module in pkgutil.iter_modules(services.__path__):
        try:
            settings = importlib.import_module(f"services.{module.name}.settings")
        except ModuleNotFoundError:
            continue  # a service that has none of its own
        for value in vars(settings).values():
            if isinstance(value, type) and issubclass(value, ServiceSettings) and value.__module__ == settings.__name__:
                classes[module.name] = value
    return classes


def all_settings() -> Mapping[str, Mapping[str, FieldInfo]]:
    """Every setting by its variable, under the title of those that read it: all services, several, or one."""
    readers: dict[str, list[str]] = {}
    fields: dict[str, FieldInfo] = dict(ServiceSettings.model_fields)
    for service, settings_class in settings_classes().items():
        for name, field in settings_class.model_fields.items():
            if name not in ServiceSettings.model_fields:
                readers.setdefault(name, []).append(service)
                fields.setdefault(name, field)
    titled: dict[str, dict[str, FieldInfo]] = {}
    for name, field in fields.items():
        title = ", ".join(readers[name]) if name in readers else "every service"
        titled.setdefault(title, {})[variable_name(name)] = field
    return titled


def known_variables() -> set[str]:
    """The variables that services read."""
    return {variable for fields in all_settings().values() for variable in fields}


def unknown_variables(environment: Mapping[str, str], besides: Sequence[str] = ()) -> Sequence[str]:
    """The `AGORA_…` variables that no service reads: misspelt ones, most likely."""
    known = known_variables() | set(besides)
    return sorted(name for name in environment if name.startswith("AGORA_") and name not in known)


def generated_part() -> str:
    """What follows MARK in `.env.example`."""
    return "".join(_lines())


def _lines() -> Iterator[str]:
    yield "\n# == `./agora up`: the doors' ports on 127.0.0.1, unless a setting …_ENDPOINTS below says more ==\n\n"
    for door in DOORS:
        yield f"#{door.setting}={door.port}\n"
    for title, fields in all_settings().items():
        yield f"\n# == {title} ==\n"
        for variable, field in fields.items():
            yield "\n"
            for line in textwrap.wrap(field.description or "", WIDTH):
                yield f"# {line}\n"
            yield f"#{variable}={written(field.default, field.metadata)}\n"


def main() -> None:
    """Write the generated part anew; what is above MARK stays."""
    head, _, _ = EXAMPLE.read_text(encoding="utf-8").partition(MARK)
    EXAMPLE.write_text(head + MARK + generated_part(), encoding="utf-8")


if __name__ == "__main__":
    main()
