"""Rule packs: what is boilerplate and what marks a layout, as data beside its examples."""

from tasks.rules.load import CUTTER_VERSION, Rule, Rules, load_rules

__all__ = ["CUTTER_VERSION", "Rule", "Rules", "load_rules"]
