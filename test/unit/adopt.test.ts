import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adopt } from '../../cli/terraform/adopt';

it('takes nothing over on Kubernetes, so that what Terraform said of it is heard', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-adopt-'));
  try {
    const path = join(folder, 'cdk.tf.json');
    writeFileSync(path, JSON.stringify({ provider: { kubernetes: [{}] } }));
    const diagnostic = {
      severity: 'error',
      summary: 'namespaces "tandem" already exists',
      detail: '',
      address: 'kubernetes_namespace_v1.namespace',
    };
    const adopted = adopt({
      stack: { name: 'tandem-local-us-east-1-platform', layer: 'platform', environment: 'local', path },
      plan: 'plan',
      output: { exitCode: 1, stdout: JSON.stringify({ diagnostic }), stderr: '' },
      signal: new AbortController().signal,
      say: () => undefined,
    });
    expect(await adopted).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
