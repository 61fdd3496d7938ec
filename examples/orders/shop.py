#!/usr/bin/env python3
"""The shop of the demo: a small real service over HTTP, with a ledger of every request.

POST /reserve /charge /insure /ship /notify /release: JSON in, JSON out, an Idempotency-Key header required. A key that was
served gets its first answer again; nothing is done twice. To be realistic it is slow now and then, answers 503 to the first
request of some orders, and refuses the cards of some. Every request is written to the ledger as it comes, before any of that.

    shop.py --ledger FILE [--port PORT]      prints its address on the first line of standard output
"""

import argparse
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STEPS = ("reserve", "charge", "insure", "ship", "notify", "release")


def number_of(order: str) -> int:
    return int(order.rsplit("-", 1)[1])


class Shop:
    def __init__(self, ledger: str):
        self.ledger = open(ledger, "a", encoding="utf-8")
        self.lock = threading.Lock()
        self.answers = {}           # by idempotency key
        self.seen = set()           # (step, order): so that some are unlucky once

    def serve(self, step: str, key: str, body: dict):
        order = str(body.get("order"))
        line = {"at": time.time(), "order": order, "step": step, "key": key}
        with self.lock:
            first = (step, order) not in self.seen
            self.seen.add((step, order))
            answered = self.answers.get(key)
            unlucky = first and step in ("charge", "ship") and number_of(order) % 7 == 3
            line["answer"] = 503 if unlucky else 402 if self.refuses(step, order) else 200
            self.ledger.write(json.dumps(line) + "\n")
            self.ledger.flush()
        if unlucky:
            return 503, {"title": "The shop is busy"}
        if answered is not None:
            return answered
        time.sleep(0.02 + 0.01 * (number_of(order) % 5))
        if self.refuses(step, order):
            answer = (402, {"title": "The card was refused"})
        else:
            thing = {"reserve": "reservation", "charge": "receipt", "insure": "insurance", "ship": "parcel",
                     "notify": "message", "release": "released"}[step]
            answer = (200, {thing: "%s-%s" % (thing, order)})
        with self.lock:
            return self.answers.setdefault(key, answer)

    @staticmethod
    def refuses(step: str, order: str) -> bool:
        return step == "charge" and number_of(order) % 20 == 13


def handler_of(shop: Shop):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))) or b"{}")
            step, key = self.path.lstrip("/"), self.headers.get("Idempotency-Key")
            if step not in STEPS or not key:
                return self.answer(400, {"title": "Unknown step, or no Idempotency-Key"})
            self.answer(*shop.serve(step, key, body))

        def answer(self, status, document):
            text = json.dumps(document).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            except OSError:
                self.close_connection = True       # the caller has died: the work is done all the same

        def log_message(self, *args):
            pass

    return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        pass                                        # a caller that was killed in the middle of its request


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    server = Server(("127.0.0.1", options.port), handler_of(Shop(options.ledger)))
    print("http://127.0.0.1:%d" % server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
