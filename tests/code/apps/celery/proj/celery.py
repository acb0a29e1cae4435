from celery import Celery

app = Celery("proj")


@app.task(bind=True)
def debug(self):  #: * proj.celery.debug
    return None
