import { isIP } from 'node:net';
import { z } from 'zod';

/** A variable whose issues all read as what was expected. */
const text = (expected: string, test: (value: string) => boolean) =>
  z.string({ error: expected }).refine(test, { error: expected });

const integer = (least: number, most: number) =>
  text(
    `an integer from ${least} to ${most}`,
    (value) => /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most,
  ).transform(Number);

const url = (...schemes: readonly string[]) =>
  text(
    `a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    (value) => URL.canParse(value) && schemes.some((scheme) => value.startsWith(`${scheme}://`)),
  );

const domainName = text('a full domain name, as in app.tandem.example', (value) =>
  /^([a-z0-9_]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+\.?$/i.test(value),
);

const serverAddress = text('an address and a port, as in 127.0.0.1:53', (value) => {
  const [, host, port] = /^(.+):(\d+)$/.exec(value) ?? [];
  return isIP(host?.replace(/^\[(.*)\]$/, '$1') ?? '') > 0 && Number(port) <= 65_535;
});

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const databaseUrl = url('postgres', 'postgresql');

/** What a migration needs. */
export const migrationVariables = z.object({ DATABASE_URL: databaseUrl });

/** What the server needs; names that end in _MS are milliseconds. */
export const serverVariables = z.object({
  HOST: z.string().default('0.0.0.0'),
  PORT: integer(1, 65_535).default(8080),
  REGION: text('a region, as in us-east-1', (value) => /^[a-z0-9-]+$/.test(value)),
  DATABASE_URL: databaseUrl,
  DATABASE_POOL_MAX: integer(1, 1000).default(10),
  VALKEY_URL: url('redis', 'rediss').optional(),
  VALKEY_SHARDED: text('true or false', (value) => value === 'true' || value === 'false')
    .transform((value) => value === 'true')
    .default(false),
  // The cluster to which the URL's user shows tokens of IAM instead of a password.
  VALKEY_IAM_CLUSTER: text('the id of a replication group', (value) =>
    /^[a-z][a-z0-9-]*$/.test(value),
  ).optional(),
  WITNESS_NAME: domainName,
  REGION_NAME: domainName,
  PEER_URL: url('http', 'https'),
  DNS_SERVER: serverAddress.optional(),
  WITNESS_INTERVAL_MS: integer(50, 60_000).default(1000),
  ROLE_INTERVAL_MS: integer(50, 60_000).default(500),
  // How long it still answers after SIGTERM, while those who send to it hear that it ends.
  LINGER_MS: integer(0, 60_000).default(0),
  CACHE_TTL_SECONDS: integer(1, 86_400).default(60),
  LOG_LEVEL: z.enum(levels, { error: `one of ${levels.join(', ')}` }).default('info'),
});

export type ServerConfig = z.output<typeof serverVariables>;

/** Every mistake of the environment variables, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly mistakes: readonly string[]) {
    super(`The configuration has mistakes:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
  }
}

// A connection URL carries a password, and a mistake ends up in a log.
const secret = new Set(['DATABASE_URL', 'VALKEY_URL']);

/**
 * Reads `variables` from an environment; an empty value counts as absent.
 * @throws ConfigError with all mistakes at once
 */
export function readConfig<Shape extends z.ZodRawShape>(
  variables: z.ZodObject<Shape>,
  env: Readonly<Record<string, string | undefined>>,
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = variables.safeParse(given);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map(({ path, message }) => {
      const name = String(path[0]);
      const value = given[name];
      const shown = value === undefined ? 'nothing' : secret.has(name) ? 'a value not shown' : `"${value}"`;
      return `${name}: found ${shown}, expected ${message}`;
    }),
  );
}

/** Reads the process's environment; mistakes go to stderr and end it with 78 (EX_CONFIG of sysexits.h). */
export function readConfigOrExit<Shape extends z.ZodRawShape>(
  variables: z.ZodObject<Shape>,
): z.output<z.ZodObject<Shape>> {
  try {
    return readConfig(variables, process.env);
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    process.stderr.write(`${thrown.message}\n`);
    process.exit(78);
  }
}
