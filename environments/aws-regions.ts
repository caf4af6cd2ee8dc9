/**
 * AWS's commercial regions that have what a pair needs: ElastiCache's Global Datastore (not ap-east-2 and ap-southeast-6), and
 * three zones for every account (not us-west-1, where newer ones have two). Sources: "AWS Regions", AWS Regions and
 * Availability Zones User Guide; "Prerequisites and limitations" (of global datastores), Amazon ElastiCache User Guide.
 */
export const awsRegions = [
  'af-south-1',
  'ap-east-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-south-2',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-7',
  'ca-central-1',
  'ca-west-1',
  'eu-central-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-2',
] as const;

/** Where one of the first three letters is missing, or closed to newer accounts. */
const letters: Readonly<Record<string, readonly string[]>> = {
  'ap-northeast-1': ['a', 'c', 'd'],
  'ca-central-1': ['a', 'b', 'd'],
};

/**
 * A region's three zones, such as `us-east-1a`. Listed and not looked up, so that a plan needs no AWS and a new zone moves no
 * subnet. In the oldest regions an account has its own order of letters ("AZ IDs", AWS Regions and Availability Zones User
 * Guide): where EKS then refuses a zone (UnsupportedAvailabilityZoneException), name others here before the first apply.
 */
export const zonesOf = (region: string): string[] =>
  (letters[region] ?? ['a', 'b', 'c']).map((letter) => `${region}${letter}`);
