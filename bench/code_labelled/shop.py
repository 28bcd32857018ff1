import hashlib
import logging
import os
import pickle
import random
import sqlite3
import ssl
import subprocess
import tarfile

import jwt
import requests
import yaml
from Crypto.Cipher import AES, DES
from flask import Flask, make_response, redirect, render_template_string, request, send_file
from flask_cors import CORS
from requests import get as fetch

app = Flask(__name__)
app.config["SECRET_KEY"] = "s3cr3t-for-everyone"  # expect: session-secret-hard-coded
CORS(app, resources={r"/*": {"origins": "*"}})  # expect: cors-any-origin
log = logging.getLogger(__name__)
DB_PASSWORD = "Kx9!vTq2"  # expect: password-hard-coded
API = "https://rates.acme.io/v2"


def connect():
    return sqlite3.connect(os.environ.get("DB", "shop.db"))


@app.route("/users")
def users():
    name = request.args.get("name")
    db = connect()
    rows = db.execute(f"SELECT * FROM users WHERE name = '{name}'")  # expect: sql-injection
    return {"users": list(rows)}


@app.route("/orders")
def orders():
    query = "SELECT * FROM orders WHERE customer = " + request.args["customer"]  # expect: sql-injection
    return {"orders": list(connect().execute(query))}


@app.route("/sorted")
def sorted_orders():
    column = request.args["column"]
    return {"orders": list(connect().execute("SELECT * FROM orders ORDER BY %s" % column))}  # expect: sql-injection


@app.route("/safe")
def safe():
    return {"orders": list(connect().execute("SELECT * FROM orders WHERE id = ?", (request.args["id"],)))}


def run_report(where):
    return connect().execute("SELECT * FROM report WHERE " + where)  # expect: sql-injection


@app.route("/ping")
def ping():
    host = request.args["host"]
    os.system("ping -c 1 " + host)  # expect: command-injection
    subprocess.run("traceroute %s" % host, shell=True)  # expect: command-injection
    command = "dig " + host
    subprocess.call(command, shell=True)  # expect: command-injection
    subprocess.run(["ping", "-c", "1", host], check=False, timeout=5)
    return "ok"


@app.route("/file")
def file():
    return send_file(os.path.join("/srv/files", request.args["name"]))  # expect: path-traversal


@app.route("/page")
def page():
    template = "<h1>Hello " + request.args["name"] + "</h1>"
    return render_template_string(template)  # expect: template-injection


@app.route("/hello")
def hello():
    return make_response("<p>Hello " + request.args["name"] + "</p>")  # expect: html-injection


@app.route("/go")
def go():
    target = request.args.get("next", "/")
    return redirect(target)  # expect: open-redirect


@app.route("/preview")
def preview():
    return requests.get(request.args["url"], timeout=5).text  # expect: server-side-request


@app.route("/preview2")
def preview2():
    return fetch(request.args["url"], timeout=5).text  # expect: server-side-request


@app.route("/restore", methods=["POST"])
def restore():
    cart = pickle.loads(request.get_data())  # expect: deserialization-unsafe
    settings = yaml.load(request.data, Loader=yaml.FullLoader)  # expect: deserialization-unsafe
    return {"cart": cart, "settings": settings}


@app.route("/calc")
def calc():
    return str(eval(request.args["e"]))  # expect: code-injection


def login(user, password, token):
    digest = hashlib.sha256(password.encode()).hexdigest()  # expect: password-hash-fast
    log.info("login of %s with %s", user, password)  # expect: secret-logged
    claims = jwt.decode(token, options={"verify_signature": False})  # expect: jwt-unverified
    session = "".join(random.choices("abcdef0123456789", k=32))  # expect: random-predictable
    response = make_response("ok")
    response.set_cookie("session", session, secure=False, httponly=False)  # expect: cookie-not-secure  # expect: cookie-readable-by-scripts
    return digest, claims, response


def talk(key, data):
    context = ssl.create_default_context()
    context.check_hostname = False  # expect: hostname-verification-disabled
    context.verify_mode = ssl.CERT_NONE  # expect: tls-verification-disabled
    requests.post("https://pay.acme.io", data=data, verify=False, timeout=5)  # expect: tls-verification-disabled
    options = {"verify": False}
    requests.post("https://pay.acme.io", data=data, timeout=5, **options)  # expect: tls-verification-disabled
    requests.get("http://rates.acme.io/today", timeout=5)  # expect: plaintext-request
    requests.get(f"{API}?api_key={key}", timeout=5)  # expect: token-in-address
    DES.new(key, DES.MODE_ECB)  # expect: cipher-weak
    AES.new(key, AES.MODE_ECB)  # expect: cipher-mode-ecb
    AES.new(b"0123456789abcdef", AES.MODE_CBC, os.urandom(16))  # expect: encryption-key-hard-coded
    AES.new(key, AES.MODE_GCM, os.urandom(12))


def unpack(path):
    with tarfile.open(path) as archive:
        archive.extractall("/srv/data")  # expect: archive-traversal
    os.chmod("/srv/data", 0o777)  # expect: file-open-to-all
    os.chmod("/srv/data/index", 0o644)


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=8080, debug=True)  # expect: debug-mode
