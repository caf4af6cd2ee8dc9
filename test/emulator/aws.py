"""An emulated AWS: `MOTO_ACCOUNT_ID=<account> python3 aws.py <port>`; prints the port when it listens."""

import logging
import os
import signal
import sys

# moto has AWS's own policies only on request, and reads that once.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

import moto_aws.cloudfront  # noqa: F401
import moto_aws.ec2  # noqa: F401
import moto_aws.eks  # noqa: F401
import moto_aws.elasticache  # noqa: F401
import moto_aws.rds  # noqa: F401
import moto_aws.route53  # noqa: F401
import moto_aws.s3  # noqa: F401
import moto_aws.secretsmanager  # noqa: F401
from moto_aws.server import Door

logging.getLogger("werkzeug").setLevel(logging.ERROR)
# Copies that ended need nobody who asks how.
signal.signal(signal.SIGCHLD, signal.SIG_IGN)

door = Door("127.0.0.1")
door.listen(int(sys.argv[1]))
print(door.server.port, flush=True)
door.serve()
