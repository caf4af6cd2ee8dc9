/**
 * Errors people can act on: a code that machines match, what was found, what was expected, what to do next.
 * A code is listed here before it can be thrown; `retryable` says whether the same call may succeed later.
 */
const codes = {
  AwsRefused: { title: 'AWS refused a request', retryable: false },
  BootstrapMissing: { title: 'An environment has no place for its state', retryable: false },
  BudgetExceeded: { title: 'A wait ran out of its time budget', retryable: true },
  BuildMissing: { title: 'The compiled programs are missing', retryable: false },
  ClustersMissing: { title: 'The clusters of an environment are not known', retryable: false },
  CommandFailed: { title: 'A program reported an error', retryable: true },
  CommandMissing: { title: 'A program is missing', retryable: false },
  ContextsInvalid: { title: 'The kube contexts do not fit the environment', retryable: false },
  DiskFull: { title: 'The disk is full', retryable: false },
  DnsAnswerUnusable: { title: 'A DNS answer could not be used', retryable: true },
  DnsNotServing: { title: 'The name server of an environment does not answer', retryable: true },
  DownRefused: { title: 'An environment can not be taken down from this state', retryable: false },
  DrillRefused: { title: 'The drill can not start from this state', retryable: false },
  EnvironmentInvalid: { title: 'An environment file has mistakes', retryable: false },
  EnvironmentUnknown: { title: 'No environment has that name', retryable: false },
  EvidenceInvalid: { title: 'The evidence of a drill is malformed', retryable: false },
  EvidenceNotWritable: { title: 'The evidence of a drill can not be written', retryable: false },
  FaultFailed: { title: 'A fault could not be injected or undone', retryable: true },
  FaultUnsupported: { title: 'This target can not produce that fault', retryable: false },
  FenceBroken: { title: 'A fenced region accepted a write', retryable: false },
  GuardRefused: { title: 'A plan would lose something stateful', retryable: false },
  ImagesInvalid: { title: 'A mapping of images has mistakes', retryable: false },
  LayerUnknown: { title: 'No layer has that name', retryable: false },
  LedgerUnreadable: { title: 'The writes that a region holds can not be read', retryable: true },
  NameInvalid: { title: 'A physical name can not be built', retryable: false },
  NotConfirmed: { title: 'A change was not confirmed', retryable: false },
  NotOnAws: { title: 'That command is for environments on AWS', retryable: false },
  OperationHalted: { title: 'An operation stopped on its way', retryable: true },
  OperationLost: { title: 'Another runner took the operation over', retryable: false },
  OperationRefused: { title: 'The operation can not start from this state', retryable: false },
  OperationUnderWay: { title: 'Another operation is under way', retryable: true },
  PlanAltered: { title: 'A plan is not the one that was reviewed', retryable: false },
  PlanKeyInvalid: { title: 'The key of sealed plans is missing or malformed', retryable: false },
  PlanOvertaken: { title: 'A state changed after it was planned', retryable: true },
  PlanUnavailable: { title: 'That environment has nothing to plan', retryable: false },
  PlatformUnsupported: { title: 'The embedded target does not run on this platform', retryable: false },
  PortUnavailable: { title: 'No free port was found', retryable: true },
  PostgresBinariesMissing: { title: 'The PostgreSQL binaries are missing', retryable: false },
  ProcessDied: { title: 'A process ended that should be running', retryable: false },
  ProviderMissing: { title: 'Terraform finds no AWS provider', retryable: false },
  ReconcileNotEmpty: { title: 'Declared and real infrastructure differ', retryable: false },
  RecordInvalid: { title: 'recorded.json has mistakes', retryable: false },
  RegionUnknown: { title: 'No region has that name', retryable: false },
  RegionUnreachable: { title: 'A region does not answer', retryable: true },
  RolesDisagree: { title: 'roles.json does not say what AWS is', retryable: false },
  RolesInvalid: { title: 'roles.json has mistakes', retryable: false },
  RollbackImpossible: { title: 'No earlier workload is there to bring back', retryable: false },
  RunEnded: { title: 'The run is over', retryable: false },
  SmokeFailed: { title: 'The workload does not do what it is there for', retryable: true },
  StateLocked: { title: 'Somebody else is at work on a state', retryable: true },
  StateNotMoved: { title: 'A state did not arrive in its bucket', retryable: false },
  SwitchoverLostWrites: { title: 'A switchover lost writes', retryable: false },
  SynthesisUnexpected: { title: 'The synthesized stack is not what its reader expects', retryable: false },
  TargetUnavailable: { title: 'That target can not do this', retryable: false },
  TempNotWritable: { title: 'No folder for temporary files can be written', retryable: false },
  TerraformFailed: { title: 'Terraform reported an error', retryable: false },
  TerraformMissing: { title: 'Neither Terraform nor OpenTofu was found', retryable: false },
  TerraformTooOld: { title: 'Terraform is older than the stacks need', retryable: false },
  Unexpected: { title: 'An error that Tandem does not know', retryable: false },
} as const;

export type ErrorCode = keyof typeof codes;

export interface ErrorDetail {
  /** What was there, in the reader's words. */
  readonly found: string;
  /** What would have been right. */
  readonly expected: string;
  /** What to type or change next. */
  readonly next: string;
  readonly cause?: unknown;
}

export class TandemError extends Error {
  override readonly name = 'TandemError';
  readonly title: string;
  readonly retryable: boolean;

  constructor(
    readonly code: ErrorCode,
    readonly detail: ErrorDetail,
  ) {
    super(`${code}: ${detail.found}; expected ${detail.expected}`, { cause: detail.cause });
    this.title = codes[code].title;
    this.retryable = codes[code].retryable;
  }

  toJSON(): Record<string, unknown> {
    const { found, expected, next } = this.detail;
    return { code: this.code, title: this.title, found, expected, next, retryable: this.retryable };
  }
}

/** Anything thrown as a coded error: a full disk by what the system said, anything unknown as what it is. */
export function asCoded(thrown: unknown): TandemError {
  for (let cause = thrown; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause ? cause.code : undefined;
    if (code !== 'DiskFull' && (code === 'ENOSPC' || /no space left on device/i.test(cause.message))) {
      return new TandemError('DiskFull', {
        found: cause.message,
        expected: 'about 1 GB free in the temporary folder, and some in the folder of the evidence',
        next: 'free some space, or set TMPDIR to a folder on another disk, and run the command again',
        cause: thrown,
      });
    }
  }
  if (thrown instanceof TandemError) return thrown;
  return new TandemError('Unexpected', {
    found: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
    expected: 'no error that Tandem does not know',
    next: 'report it, with the evidence if there is one',
    cause: thrown,
  });
}

/** The sentence of anything thrown, for messages that quote a cause. */
export const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
