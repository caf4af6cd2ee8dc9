"""CloudFront: distributions as they were asked for, under an ARN with all its parts.

moto fills in what was left out as nobody asked for it, forgets origin access controls, and leaves the empty region out of ARNs.
"""

from moto.cloudfront import models

from .extend import extends


@extends(models.DistributionConfig)
class Config:
    def __init__(self, config):
        self.__dict__.update(config)
        self.caller_reference = config["CallerReference"]


@extends(models.Distribution)
class Distribution:
    def __init__(self, account_id, region_name, config):
        self.moto_init(account_id, region_name, config)
        self.arn = f"arn:aws:cloudfront::{account_id}:distribution/{self.distribution_id}"
