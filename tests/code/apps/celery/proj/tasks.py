from celery import shared_task

from .celery import app


@app.task
def add(x, y):  #: * proj.tasks.add
    return x + y


@app.task(name="mail.send", bind=True, max_retries=3)
def send_mail(self):  #: * mail.send
    return None


@shared_task
def shared(x):  #: * proj.tasks.shared
    return x


@shared_task(queue="slow")
def slow():  #: * proj.tasks.slow
    return None
