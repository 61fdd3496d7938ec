"""The terminals themselves: what goes wrong in a fence is noticed."""
import shutil
import unittest

from docs import fences
from docs.terminal import Failed, Newcomer
from support import processes


class Terminals(unittest.TestCase):
    def setUp(self):
        folder = processes.folder("docs-t-")
        self.addCleanup(shutil.rmtree, folder, True)
        self.newcomer = Newcomer(folder, {"GIVEN": "7"})
        self.addCleanup(self.newcomer.leave)

    def typed(self, info, text):
        return self.newcomer.run(fences.parse("page", "```%s\n%s\n```\n" % (info, text))[0])

    def test_cd_and_variables_last(self):
        self.typed("sh run", "mkdir there\ncd there\nexport NAME=value")
        self.assertEqual(self.typed("sh run", "basename $PWD; echo $NAME $GIVEN"), "there\nvalue 7\n")

    def test_terminals_are_apart(self):
        self.typed("sh run", "NAME=value; cd /")
        self.assertEqual(self.typed("sh run terminal=other", 'echo "$NAME"; basename $PWD'), "\nhome\n")

    def test_a_command_that_fails_in_the_middle_is_noticed(self):
        with self.assertRaises(Failed):
            self.typed("sh run", "false\ntrue")

    def test_the_exit_code_is_compared(self):
        self.typed("sh run exit=3", "(exit 3)")
        with self.assertRaises(Failed):
            self.typed("sh run exit=3", "(exit 4)")
        with self.assertRaises(Failed):
            self.typed("sh run exit=3", "true")

    def test_what_ends_before_it_is_ready_is_noticed(self):
        fence = fences.parse("page", "```sh background\necho no\n```\n")[0]
        with self.assertRaises(Failed):
            self.newcomer.begin(fence, "ready\n", fences.matches)

    def test_nothing_is_left_running(self):
        fence = fences.parse("page", "```sh background\necho $$; sleep 1000\n```\n")[0]
        self.newcomer.begin(fence, "…\n", lambda expected, printed: printed.endswith("\n"))
        terminal = self.newcomer.terminal("main")
        self.newcomer.leave()
        self.assertFalse(terminal._alive())

    def test_files_are_written_where_the_terminal_is(self):
        self.typed("sh run", "mkdir there; cd there")
        self.newcomer.write(fences.parse("page", "```yaml file=a.yaml\nb: 1\n```\n")[0])
        self.assertEqual(self.typed("sh run", "cat ~/there/a.yaml; echo 2 >> a.yaml"), "b: 1\n")
