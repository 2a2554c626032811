"""Ready code that sends a request to an endpoint, in several languages."""

from __future__ import annotations

import json
from collections.abc import Callable

VARIABLE = "ENDPOINT_KEY"
"""The environment variable that the code reads the key from."""


def consume_code(language: str, url: str, sample: str, *, key: str | None = None) -> str:
    """Return code that sends a sample request and prints the response.

    Parameters
    ----------
    language : str
        ``python``, ``curl``, ``csharp``, ``r`` or ``javascript``.
    sample : str
        The request in JSON.
    key : str, optional
        By default the code reads the key from the environment variable
        :data:`VARIABLE`, so that it can be shared.
    """
    document = json.loads(sample)
    return LANGUAGES[language](url, document, key)


def _python(url: str, document: object, key: str | None) -> str:
    found = f"{key!r}" if key else f'os.environ["{VARIABLE}"]'
    needs = "" if key else "import os\n"
    body = _python_value(document)
    return f"""\
import json
{needs}import urllib.error
import urllib.request

url = {url!r}
key = {found}

data = {body}

request = urllib.request.Request(
    url,
    json.dumps(data).encode(),
    {{"Content-Type": "application/json", "Authorization": "Bearer " + key}},
)
try:
    with urllib.request.urlopen(request) as response:
        print(json.loads(response.read()))
except urllib.error.HTTPError as error:
    # The response names the problem and the column.
    print(error.code, error.read().decode())
"""


def _curl(url: str, document: object, key: str | None) -> str:
    found = f"'Authorization: Bearer {key}'" if key else f'"Authorization: Bearer ${VARIABLE}"'
    body = json.dumps(document, indent=2, ensure_ascii=False).replace("'", "'\\''")
    return f"""\
curl --request POST '{url}' \\
  --header 'Content-Type: application/json' \\
  --header {found} \\
  --data '{body}'
"""


def _csharp(url: str, document: object, key: str | None) -> str:
    found = json.dumps(key) if key else f'Environment.GetEnvironmentVariable("{VARIABLE}")'
    # In a verbatim string a quote is doubled.
    body = json.dumps(document, indent=2, ensure_ascii=False).replace('"', '""')
    return f"""\
using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;

var key = {found};
var data = @"{body}";

using var client = new HttpClient();
client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
var content = new StringContent(data, Encoding.UTF8, "application/json");
var response = await client.PostAsync("{url}", content);
Console.WriteLine($"{{(int)response.StatusCode}} {{await response.Content.ReadAsStringAsync()}}");
"""


def _r(url: str, document: object, key: str | None) -> str:
    found = json.dumps(key) if key else f'Sys.getenv("{VARIABLE}")'
    text = json.dumps(document, indent=2, ensure_ascii=False)
    body = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"""\
library(httr)

key <- {found}
data <- '{body}'

response <- POST(
  "{url}",
  add_headers(Authorization = paste("Bearer", key)),
  content_type_json(),
  body = data
)
print(status_code(response))
print(content(response, as = "parsed", type = "application/json"))
"""


def _javascript(url: str, document: object, key: str | None) -> str:
    found = json.dumps(key) if key else f"process.env.{VARIABLE}"
    body = json.dumps(document, indent=2, ensure_ascii=False)
    return f"""\
// Node.js 18 or later, as a module (.mjs).
const key = {found};
const data = {body};

const response = await fetch("{url}", {{
  method: "POST",
  headers: {{ "Content-Type": "application/json", Authorization: `Bearer ${{key}}` }},
  body: JSON.stringify(data),
}});
console.log(response.status, await response.text());
"""


def _python_value(value: object, indent: int = 0) -> str:
    """Return a value as Python source, one entry a line."""
    inner, outer = "    " * (indent + 1), "    " * indent
    if isinstance(value, dict) and value:
        lines = (f"{inner}{key!r}: {_python_value(v, indent + 1)},\n" for key, v in value.items())
        return "{\n" + "".join(lines) + outer + "}"
    if isinstance(value, list) and value:
        lines = (f"{inner}{_python_value(v, indent + 1)},\n" for v in value)
        return "[\n" + "".join(lines) + outer + "]"
    return repr(value)


LANGUAGES: dict[str, Callable[[str, object, str | None], str]] = {
    "python": _python,
    "curl": _curl,
    "csharp": _csharp,
    "r": _r,
    "javascript": _javascript,
}
