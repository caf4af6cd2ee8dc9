import type { TerraformProvider } from 'cdktf';
import type { Place } from '../named';

/** Where alarms go. */
export interface AlarmTopicProps extends Place {
  /** The AWS account, 12 digits: only its alarms may publish. */
  readonly account: string;
  /** The key that encrypts messages; it lets CloudWatch use it. */
  readonly kmsKeyArn: string;
  /**
   * Creates the topic in its region.
   * @default the stack's own region
   */
  readonly provider?: TerraformProvider;
}

/** When a metric is worth waking somebody: data, so that each threshold stands beside its reason. */
export interface AlarmRule {
  /** What the alarm is in its name, such as `postgres-cpu`. */
  readonly component: string;
  /** What it means and what to look at: the text that the woken person reads. */
  readonly description: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Average' | 'Maximum' | 'Minimum' | 'Sum';
  /** Which side of the threshold is wrong. */
  readonly wrong: 'above' | 'below';
  readonly threshold: number;
  /** For how many minutes in a row it must be wrong: of a data point each. */
  readonly minutes: number;
  /**
   * Whether silence is wrong as well.
   * @default false, because a metric that only one role has is missing in the other, and an alarm must not depend on the role
   */
  readonly silenceRings?: boolean;
}
