// Whose URLs a type takes, beyond what egress forbids.
import type { WebhookType } from '@postrider/contracts';

/** Where Power Automate runs the workflows behind Teams channels, in its public and its national clouds. */
const workflowHosts =
  /(^|\.)(logic\.azure\.(com|us|cn)|(powerplatform|powerautomate)\.(com|us|cn)|flow\.microsoft\.(com|us))$/;
/** Office 365 connectors, which Microsoft has retired. */
const connectorHosts = /(^|\.)(webhook\.office(365)?\.com|outlook\.office(365)?\.com)$/;
const loopback = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/**
 * What is wrong with a host, or null. `host` as judgeUrl answers it: lower case, no brackets. Loopback passes where the
 * egress rules have let it pass: in local mode.
 */
export function wrongHost(type: WebhookType, host: string): string | null {
  if (type !== 'teams' || workflowHosts.test(host) || loopback.test(host)) return null;
  if (connectorHosts.test(host)) {
    return (
      'is one of an Office 365 connector, which Microsoft has retired: in Teams, add the workflow ' +
      '"Send webhook alerts to a channel" to the channel and use its URL'
    );
  }
  return 'is none of a Power Automate workflow: its host ends in logic.azure.com, powerplatform.com or powerautomate.com';
}
