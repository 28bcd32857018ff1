from flask import Flask, request
from flask_login import login_required

app = Flask(__name__)


@app.route("/orders")
@login_required
def orders():
    return list_orders()


@app.route("/orders/<int:number>", methods=["GET"])
def cancel(number):
    return cancel_order(number)


@app.route("/healthz")
def health():
    return "ok"
