import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useLocation } from 'wouter';
import { useOrganizations, useWebhooks } from '../api/queries.js';
import { useMay, useSession } from '../api/session.js';
import { webhookName } from '../webhooks/webhook-name.js';
import type { Place } from './places.js';

interface PaletteProps {
  readonly org: string | null;
  readonly places: readonly Place[];
  readonly onHelp: () => void;
  readonly onTheme: () => void;
}

/** ⌘K: pages, webhooks, organizations and what can be done, by typing a part of the name. */
export function Palette({ org, ...props }: PaletteProps) {
  return org === null ? <Search webhooks={[]} {...props} /> : <WithWebhooks org={org} {...props} />;
}

type SearchProps = Omit<PaletteProps, 'org'> & { readonly webhooks: SpotlightActionGroupData['actions'] };

function WithWebhooks({ org, ...props }: Omit<PaletteProps, 'org'> & { readonly org: string }) {
  const [, navigate] = useLocation();
  const may = useMay('webhooks:read');
  const { data } = useWebhooks(org, may);
  const webhooks = (data ?? []).map((webhook) => ({
    id: webhook.Id,
    label: webhookName(webhook),
    description: webhook.Url ?? webhook.Email ?? '',
    onClick: () => navigate(`/o/${org}/webhooks/${webhook.Id}`),
  }));
  return <Search webhooks={webhooks} {...props} />;
}

function Search({ places, webhooks, onHelp, onTheme }: SearchProps) {
  const [, navigate] = useLocation();
  const { data: organizations } = useOrganizations(useSession().Kind === 'admin');
  const groups: SpotlightActionGroupData[] = [
    {
      group: 'Pages',
      actions: places.map(({ label, path }) => ({ id: path, label, onClick: () => navigate(path) })),
    },
    { group: 'Webhooks', actions: webhooks },
    {
      group: 'Organizations',
      actions: (organizations ?? []).map(({ Id, Name }) => ({
        id: Id,
        label: Name,
        onClick: () => navigate(`/o/${Id}/webhooks`),
      })),
    },
    {
      group: 'More',
      actions: [
        { id: 'theme', label: 'Change the theme', onClick: onTheme },
        { id: 'shortcuts', label: 'Keyboard shortcuts', onClick: onHelp },
        {
          id: 'reference',
          label: 'API reference',
          onClick: () => void window.open('/docs', '_blank', 'noreferrer'),
        },
      ],
    },
  ].filter(({ actions }) => actions.length > 0);
  return (
    <Spotlight
      actions={groups}
      limit={12}
      highlightQuery
      scrollable
      maxHeight={420}
      nothingFound="Nothing goes by that name"
      searchProps={{ placeholder: 'Go to a page, a webhook …', 'aria-label': 'Go to' }}
      shortcut="mod + K"
    />
  );
}
