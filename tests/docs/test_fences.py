"""The convention itself: every fence says whether it is executed, and the reading of fences is right."""
import unittest

from docs import fences


class Tags(unittest.TestCase):
    def test_every_fence_with_commands_is_executed_or_says_why_not(self):
        for page in fences.pages():
            for fence in fences.fences_of(page):
                self.assertEqual(fences.problem_of(fence), "", fence.place)

    def test_untagged_commands_are_found(self):
        self.assertNotEqual(fences.problem_of(fences.parse("p", "```sh\nls\n```\n")[0]), "")
        self.assertNotEqual(fences.problem_of(fences.parse("p", "```sh skip=no\nls\n```\n")[0]), "")
        self.assertNotEqual(fences.problem_of(fences.parse("p", "```yaml\na: 1\n```\n")[0]), "")
        self.assertEqual(fences.problem_of(fences.parse("p", "```sh run\nls\n```\n")[0]), "")
        self.assertEqual(fences.problem_of(fences.parse("p", '```sh skip="needs a second machine"\nls\n```\n')[0]), "")

    def test_an_info_string_without_meaning_is_refused(self):
        with self.assertRaises(ValueError):
            fences.parse("p", "```sh runn\nls\n```\n")
        with self.assertRaises(ValueError):
            fences.parse("p", "```sh run\nls\n")


class Matching(unittest.TestCase):
    def test_dots_stand_for_what_differs(self):
        self.assertTrue(fences.matches("id …  completed\n", "id 17  completed\n"))
        self.assertTrue(fences.matches("a\n…\nb\n", "a\nx\ny\nb\n"))
        self.assertTrue(fences.matches("a\n…\nb\n", "a\nb\n"))
        self.assertTrue(fences.matches("a\n", "a   \n"))

    def test_everything_else_must_be_equal(self):
        self.assertFalse(fences.matches("id …  completed\n", "id 17  faulted\n"))
        self.assertFalse(fences.matches("a … b\n", "a 1\n2 b\n"))
        self.assertFalse(fences.matches("a\n", "a\nb\n"))
        self.assertFalse(fences.matches("1.0\n", "1x0\n"))
