// The Helm chart as Helm renders it: what it sets is known to the program and free of faults, its
// Pods are restricted and stop gracefully. No cluster is asked.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readConfig } from '../../src/config/config.ts';
import { settings } from '../../src/config/settings.ts';
import { toolPath } from '../support/processes/tool-path.ts';
import { describeWithPrograms } from '../support/processes/tools.ts';

const chart = join(import.meta.dirname, '..', '..', 'deploy', 'helm', 'kafka2ipfix');
const run = promisify(execFile);

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly [Container];
  readonly volumes?: readonly { readonly name: string }[];
}

interface Resource {
  readonly kind: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Every resource of a release, by its kind. */
async function render(...values: readonly string[]): Promise<Record<string, Resource>> {
  // A Helm that `go install` made takes itself for a client of an old Kubernetes.
  const options = ['--kube-version', '1.31.0', ...values.flatMap((value) => ['--set', value])];
  const { stdout } = await run(toolPath('helm')!, ['template', 'release', chart, ...options]);
  const resources = parseAllDocuments(stdout).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Resource;
  });
  return Object.fromEntries(resources.map((resource) => [resource.kind, resource]));
}

function podOf({ StatefulSet: set }: Record<string, Resource>): PodSpec {
  return (set!.spec as { template: { spec: PodSpec } }).template.spec;
}

const envOf = (pod: PodSpec): Record<string, string> =>
  Object.fromEntries(pod.containers[0].env.map(({ name, value }) => [name, value]));

/** Settings, and files of secret ones. */
const isKnown = (name: string): boolean => {
  const secret = Object.entries(settings).find(([one]) => `${one}_FILE` === name)?.[1];
  return name in settings || (secret !== undefined && 'secret' in secret);
};

const tls = [
  ...[
    'kafkaTls.enabled=true',
    'kafkaTls.existingSecret=kafka-tls',
    'kafkaTls.clientCertificate=true',
  ],
  ...['registryTls.enabled=true', 'registryTls.existingSecret=registry-tls'],
  ...['settings.KAFKA_SASL_MECHANISM=scram-sha-512', 'settings.KAFKA_SASL_USERNAME=flows'],
  ...[
    'secretSettings.KAFKA_SASL_PASSWORD.secret=kafka',
    'secretSettings.KAFKA_SASL_PASSWORD.key=password',
  ],
  'settings.SCHEMA_REGISTRY_URL=https://registry:8081',
  'secretSettings.SCHEMA_REGISTRY_TOKEN.secret=registry',
  'secretSettings.SCHEMA_REGISTRY_TOKEN.key=token',
];
const variants: readonly (readonly [string, readonly string[]])[] = [
  ['by default', []],
  ['with KEDA', ['keda.enabled=true']],
  ['with TLS and secrets', tls],
  ['with all that is optional', ['serviceMonitor.enabled=true', 'networkPolicy.enabled=true']],
];

describeWithPrograms('the chart', ['helm'], () => {
  test('has nothing that `helm lint --strict` minds', async () => {
    const { stdout } = await run(toolPath('helm')!, [
      'lint',
      '--strict',
      '--kube-version',
      '1.31.0',
      chart,
    ]);
    expect(stdout).toContain('0 chart(s) failed');
  });

  describe.each(variants)('%s', (_name, values) => {
    test('sets only settings that exist', async () => {
      const names = Object.keys(envOf(podOf(await render(...values))));
      expect(names.length).toBeGreaterThan(5);
      expect(names.filter((name) => !isKnown(name))).toEqual([]);
    });

    test('has a configuration without faults and warnings', async () => {
      const env = Object.entries(envOf(podOf(await render(...values))));
      // Secrets are files of a Pod, which are not here.
      const readable = env.map(([name, value]) =>
        name in settings ? [name, value] : [name.replace(/_FILE$/, ''), 'a secret'],
      );
      const { faults, warnings } = readConfig(
        Object.fromEntries(readable) as Record<string, string>,
      );
      expect({ faults, warnings }).toEqual({ faults: [], warnings: [] });
    });

    test('fits the restricted Pod Security Standard, and has nothing to write to', async () => {
      const pod = podOf(await render(...values));
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(pod.containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(pod.automountServiceAccountToken).toBe(false);
    });

    test('mounts every volume that it names, and has each file where a setting looks for it', async () => {
      const pod = podOf(await render(...values));
      const mounts = pod.containers[0].volumeMounts ?? [];
      expect(mounts.map(({ name }) => name)).toEqual((pod.volumes ?? []).map(({ name }) => name));
      const files = Object.entries(envOf(pod)).filter(([name]) => name.endsWith('_FILE'));
      for (const [, file] of files) {
        expect(mounts.some(({ mountPath }) => file.startsWith(`${mountPath}/`))).toBe(true);
      }
    });
  });

  test('gives a Pod more time to stop than it takes to drain, or is not rendered', async () => {
    const pod = podOf(await render());
    const drainMs = readConfig(envOf(pod)).config!.SHUTDOWN_TIMEOUT;
    expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThan(drainMs);
    await expect(render('settings.SHUTDOWN_TIMEOUT=1m')).rejects.toThrow(
      /drain would be cut short/,
    );
  });

  test('keeps the Observation Domains of its Pods apart', async () => {
    expect(envOf(podOf(await render()))['OBSERVATION_DOMAIN_ID']).toBe('auto');
  });

  test('probes the port at which it has the program listen', async () => {
    const { ports, startupProbe, livenessProbe, readinessProbe } = podOf(
      await render('http.port=9999'),
    ).containers[0];
    expect(ports).toEqual([{ name: 'http', containerPort: 9999 }]);
    expect(envOf(podOf(await render('http.port=9999')))['HTTP_LISTEN']).toBe('0.0.0.0:9999');
    const probes = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet);
    expect(probes).toEqual(['/livez', '/livez', '/readyz'].map((path) => ({ path, port: 'http' })));
  });

  test('has replicas of its own, unless KEDA decides on them', async () => {
    expect((await render())['StatefulSet']!.spec['replicas']).toBe(2);
    const scaled = await render('keda.enabled=true', String.raw`settings.KAFKA_TOPICS=flows\,more`);
    expect(scaled['StatefulSet']!.spec).not.toHaveProperty('replicas');
    const { triggers } = scaled['ScaledObject']!.spec as { triggers: { metadata: unknown }[] };
    expect(triggers.map(({ metadata }) => metadata)).toMatchObject([
      { topic: 'flows', consumerGroup: 'kafka2ipfix', bootstrapServers: 'kafka:9092' },
      { topic: 'more' },
    ]);
  });

  test.each([
    ['a value that it does not know', 'replica=3', /additional properties 'replica' not allowed/],
    [
      'TLS without a Secret',
      'kafkaTls.enabled=true',
      /kafkaTls.existingSecret has to name a Secret/,
    ],
    ['a digest that is none', 'image.digest=latest', /does not match pattern/],
  ])('refuses %s', async (_what, value, message) => {
    await expect(render(value)).rejects.toThrow(message);
  });
});

test("the chart's version of the program is that of package.json", () => {
  const { version } = JSON.parse(
    readFileSync(join(chart, '..', '..', '..', 'package.json'), 'utf8'),
  ) as { version: string };
  const { appVersion } = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as {
    appVersion: string;
  };
  expect(appVersion).toBe(version);
});
