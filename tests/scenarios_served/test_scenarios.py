import shutil
import unittest

from scenarios_served import player
from support import processes

import pawl


class Scenarios(unittest.TestCase):
    """One test for each scenario that can be served; they are added below."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = processes.folder("scenarios-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.dev = processes.Dev(cls.folder)
        ready = cls.dev.start()
        cls.addClassCleanup(cls.dev.stop)
        cls.client = pawl.Client(ready["url"], ready["token"])
        cls.addClassCleanup(cls.client.close)
        cls.database = ready["database"]


def add(number, scenario):
    def test(self):
        player.Played(self.client, scenario, "s%d" % number).play()
    test.__doc__ = scenario["name"]
    setattr(Scenarios, "test_%03d" % number, test)


for index, each in enumerate(player.all_scenarios()):
    if player.can_be_served(each):
        add(index, each)


class Selection(unittest.TestCase):
    def test_most_scenarios_that_deploy_are_served(self):
        scenarios = [each for each in player.all_scenarios() if each["refused"] is None]
        served = [each for each in scenarios if player.can_be_served(each)]
        self.assertGreater(len(served), len(scenarios) / 2)

    def test_what_needs_time_or_a_service_is_not(self):
        plain = {"refused": None, "definition": {"do": []}, "steps": [], "result": {}}
        self.assertTrue(player.can_be_served(plain))
        self.assertTrue(player.can_be_served({**plain, "steps": [{"advance": "PT0.5S"}, {"crash": True}]}))
        self.assertFalse(player.can_be_served({**plain, "steps": [{"advance": "PT1S"}]}))
        self.assertFalse(player.can_be_served({**plain, "steps": [{"advance": "P1D"}]}))
        self.assertFalse(player.can_be_served({**plain, "definition": {"do": [{"a": {"call": "http"}}]}}))
        self.assertFalse(player.can_be_served({**plain, "result": {"output": "2026-03-01T12:00:00Z"}}))
