"""A small OpenID Connect provider on the loopback: whoever asks is Ada, or whom the test says."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "fer-studio"


class Provider:
    """The provider; `claims` are what it says of the person who signs in next."""

    def __init__(self):
        self.claims = {}
        self._key = RSAKey.generate_key(2048, parameters={"kid": "test"})
        self._nonces = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, name="provider", daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def discovery(self):
        """OpenID Connect Discovery 1.0, section 3."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def approve(self, query):
        """Return where the browser goes with a code."""
        code = f"code-{len(self._nonces)}"
        self._nonces[code] = query.get("nonce")
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def tokens(self, code):
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": self._nonces.pop(code)}
        id_token = jwt.encode({"alg": "RS256", "kid": "test"}, {**claims, **self.claims}, self._key)
        return {"access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": id_token}

    def _handler(self):
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                if parts.path == "/.well-known/openid-configuration":
                    self._json(provider.discovery())
                elif parts.path == "/keys":
                    self._json({"keys": [provider._key.as_dict(private=False)]})
                elif parts.path == "/authorize":
                    self.send_response(302)
                    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                    self.send_header("Location", provider.approve(query))
                    self.end_headers()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._json(provider.tokens(parse_qs(body)["code"][0]))

            def _json(self, content):
                body = json.dumps(content).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        return Handler
