"""Each rule of the language that is implemented has a scenario of its number. tests/scenarios/RULES lists them, one a line."""
import re

from tree import lines_of


def rules_have_scenarios(tree):
    rules = {line.split()[0] for _, line in lines_of(tree.text("tests/scenarios/RULES"))
             if line.strip() and not line.startswith("#")}
    seen = set()
    for path, text in tree.matching(".yaml", under="tests/scenarios/"):
        for number, line in lines_of(text):
            match = re.match(r"name:\s*[\"']?(\S+)", line)
            if not match:
                continue
            rule = match.group(1).rstrip(":,\"'")
            seen.add(rule)
            if rule not in rules:
                yield f"{path}:{number}: begins with '{rule}', which tests/scenarios/RULES does not list"
    for rule in sorted(rules - seen):
        yield f"tests/scenarios/RULES: rule {rule} has no scenario whose name begins with it"
