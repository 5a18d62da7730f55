"""A Celery application whose one task takes a few seconds: broker and results lie in a directory."""

import os
import time

from celery import Celery

HOME = os.environ["CELERY_HOME"]

app = Celery("tasks")
app.conf.update(
    broker_url="filesystem://",
    broker_transport_options={
        "data_folder_in": f"{HOME}/queue",
        "data_folder_out": f"{HOME}/queue",
        "control_folder": f"{HOME}/control",
    },
    task_ignore_result=True,
    worker_send_task_events=False,
)


@app.task
def work(seconds):
    """Writes `begun` at once and `done` at its end."""
    with open(f"{HOME}/begun", "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    time.sleep(seconds)
    with open(f"{HOME}/done", "w", encoding="ascii") as file:
        file.write("done")
