import { reasonOf, TandemError } from '../../lib/errors';

/** What a region's AWS answered, or why it can not be reached: an outage is an answer, and no error. */
export type Asked<T> =
  { readonly reached: true; readonly answer: T } | { readonly reached: false; readonly reason: string };

/** In seconds, with the SDK's own retries in it: a region that takes longer to describe itself is as good as gone. */
const deadlineSeconds = 10;

/** Of errors that AWS calls the client's fault: they pass by themselves. */
const passing = /Throttl|TooManyRequests|RequestTimeout|SlowDown/;

/**
 * Sends a request to a region's AWS within 10 s.
 * @param call what it is in an error's words, such as `rds:DescribeDBInstances in us-east-1`
 * @throws TandemError AwsRefused when AWS answers and says no; the signal's reason when aborted
 */
export async function ask<T>(
  call: string,
  signal: AbortSignal,
  request: (abortSignal: AbortSignal) => Promise<T>,
): Promise<Asked<T>> {
  const deadline = AbortSignal.timeout(deadlineSeconds * 1000);
  try {
    return { reached: true, answer: await request(AbortSignal.any([signal, deadline])) };
  } catch (thrown) {
    signal.throwIfAborted();
    if (deadline.aborted) return { reached: false, reason: `${call}: no answer in ${deadlineSeconds} s` };
    const reason = `${call}: ${nameOf(thrown)}: ${reasonOf(thrown)}`;
    if (!isRefusal(thrown)) return { reached: false, reason };
    throw new TandemError('AwsRefused', {
      found: reason,
      expected: 'credentials of the environment’s account that may do that',
      next: 'sign in to the account, see with `aws sts get-caller-identity`, and run the command again',
      cause: thrown,
    });
  }
}

const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : 'error');

/** Whether AWS answered and said no, or there are no credentials to ask with; anything else is the way there. */
function isRefusal(thrown: unknown): boolean {
  if (nameOf(thrown) === 'CredentialsProviderError') return true;
  const ours = thrown instanceof Error && '$fault' in thrown && thrown.$fault === 'client';
  return ours && !passing.test(thrown.name);
}
