#!/usr/bin/env python3
"""The worker of the demo: charges and tells customers, by calling the shop.

It passes the task's idempotency key on to the shop: the task may come twice, the charge must not.
"""

import json
import pathlib
import sys
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "sdk" / "python"))
import pawl  # noqa: E402

worker = pawl.Worker(concurrency=16)


def ask(shop: str, step: str, order: str, task: pawl.Task):
    request = urllib.request.Request(
        "%s/%s" % (shop, step), json.dumps({"order": order}).encode(),
        {"Content-Type": "application/json", "Idempotency-Key": task.idempotency_key})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        document = json.load(error)
        raise pawl.TaskError(document["title"], status=error.code) from error


@worker.action("shop.charge")
def charge(order, task):
    return ask(order["shop"], "charge", order["order"], task)


@worker.action("shop.notify")
def notify(order, task):
    return ask(order["shop"], "notify", order["order"], task)


if __name__ == "__main__":
    worker.run()
