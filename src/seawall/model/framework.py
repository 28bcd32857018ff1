"""Frameworks: control -> title, as data in ``frameworks/<id>.yaml``. Rules name the controls that they serve in ``maps``."""

import msgspec


class Control(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One control. `part` is the layer or stage of a practice; other frameworks have none. `not_judged` says why no rule can
    serve the control, where that is so."""

    title: str
    part: str = ""
    not_judged: str = ""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check of the Pod Security Standards: judged from Kubernetes 1.`since` on, decided by `rules` together. A check that
    `overrides` another judges what that one judges and more."""

    title: str
    level: str
    since: int
    rules: list[str]
    overrides: str = ""


class Framework(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A framework: `controls` by their id, in the framework's own order. Only the Pod Security Standards have `checks`."""

    id: str
    title: str
    controls: dict[str, Control]
    checks: dict[str, Check] = {}

    def title_of(self, control: str) -> str:
        """Return the title of `control`; of ``<control>: <topic>`` the topic, empty where there is no such control.

        A guidance without numbers (NSA/CISA) is cited as ``<section>: <topic>``.
        """
        if control in self.controls:
            return self.controls[control].title
        section, _, topic = control.partition(": ")
        return topic if section in self.controls else ""
