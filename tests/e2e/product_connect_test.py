"""What cxdial must do, section 2: connect answered calls. Each test is named after what is promised."""

import harness
from harness import http


def sip_assistant(**fields):
    return {
        "kind": "assistant", "name": "bot", "protocol": "sip", "provider": "vapi",
        "phone_number": "+14155550001", **fields,
    }


def websocket_assistant(url, **fields):
    return {"kind": "assistant", "name": "bot", "protocol": "websocket", "url_template": url, **fields}


class Connect(harness.Product):
    def run_with(self, assistant, *options, count=5, public=False, **fields):
        """Runs a campaign with that assistant and answers what the simulator counted."""
        simulator = self.start_world(*options, public=public)
        self.apply(assistant)
        self.load(count, routing_destination_type="ai_assistant", routing_destination="bot", **fields)
        self.run_to_the_end()
        truth = self.check_no_violation(simulator)
        self.assertEqual(truth["cxml_errors"], 0, truth["cxml_error_examples"])
        return truth

    def test_an_answered_call_is_connected_to_a_sip_assistant(self):
        truth = self.run_with(sip_assistant(), cxml_delivery="inline")
        self.assertEqual(truth["assistants"]["vapi/+14155550001"]["accepted"], 5)
        self.assertEqual(truth["voice_requests"], 0)

    def test_an_answered_call_is_connected_to_a_websocket_assistant(self):
        truth = self.run_with(websocket_assistant("wss://agent.example/ws/one"), cxml_delivery="inline")
        self.assertEqual(truth["assistants"]["agent.example/ws/one"]["accepted"], 5)

    def test_hangup_ends_an_answered_call_and_connects_it_to_nobody(self):
        simulator = self.start_world()
        self.load(5)
        self.run_to_the_end()
        truth = self.check_no_violation(simulator)
        self.assertEqual(truth["outcomes"], {"ANSWER": 5})
        self.assertEqual(truth["assistants"], {})

    def test_a_call_that_is_not_answered_is_connected_to_nobody(self):
        truth = self.run_with(
            sip_assistant(), "--outcomes", "busy=1,noanswer=1,congestion=1", cxml_delivery="inline"
        )
        self.assertEqual(truth["assistants"], {})

    def test_cxml_by_callback_is_asked_for_when_the_call_is_answered(self):
        truth = self.run_with(
            sip_assistant(), "--outcome-for", "+12122000000=busy", public=True, cxml_delivery="callback"
        )
        # Asked again where no answer came in time, as on a busy machine, and never for the call that was busy.
        self.assertGreaterEqual(truth["voice_requests"], 4)
        self.assertEqual(truth["assistants"]["vapi/+14155550001"]["accepted"], 4)

    def test_cxml_by_callback_is_the_default_where_there_is_a_public_url(self):
        self.assertGreaterEqual(self.run_with(sip_assistant(), public=True)["voice_requests"], 5)

    def test_cxml_is_sent_inline_by_default_where_there_is_no_public_url(self):
        self.assertEqual(self.run_with(sip_assistant())["voice_requests"], 0)

    def test_cxml_by_callback_is_given_to_get_and_to_post(self):
        truth = self.run_with(sip_assistant(), "--url-method", "either", count=12, public=True)
        self.assertEqual(truth["assistants"]["vapi/+14155550001"]["accepted"], 12)

    def test_placeholders_are_filled_at_call_time(self):
        # The simulator puts {session}, {to} and {from} where it finds what is really the call's own.
        template = "wss://agent.example/{bot_id}/{auth_token}/{session}/{from}/{to}"
        truth = self.run_with(
            websocket_assistant(template, bot_id="b7", auth_token="s3cret"), public=True, cxml_delivery="callback"
        )
        name = "agent.example/b7/s3cret/{session}/{from}/{to}"
        self.assertEqual(list(truth["assistants"]), [name])
        self.assertEqual(truth["assistants"][name]["accepted"], 5)

    def test_placeholders_are_url_encoded_then_xml_escaped(self):
        truth = self.run_with(
            websocket_assistant(
                "wss://agent.example/{bot_id}?a=1&b={auth_token}", bot_id="a/b c&d<e", auth_token="x&y"
            ),
            cxml_delivery="inline",
        )
        self.assertEqual(list(truth["assistants"]), ["agent.example/a%2Fb%20c%26d%3Ce"])

    def test_an_unknown_placeholder_is_an_error_with_its_name_when_it_is_made(self):
        self.start_world()
        done = self.apply(websocket_assistant("wss://agent.example/{colour}"), expect=2)
        self.assertIn("colour", done.stderr)

    def test_a_placeholder_with_no_value_is_an_error_with_its_name_before_a_call_is_placed(self):
        self.start_world()
        done = self.apply(websocket_assistant("wss://agent.example/{bot_id}"), expect=2)
        self.assertIn("bot_id", done.stderr)

    def test_a_voice_request_for_no_known_call_connects_nobody(self):
        self.start_world(public=True)
        self.campaign()
        self.run_daemon()
        status, body = http("GET", self.endpoint + "/cloudonix/voice?Session=" + "0" * 32)
        self.assertGreaterEqual(status, 400)
        self.assertNotIn("<Dial>", body)


if __name__ == "__main__":
    harness.main()
