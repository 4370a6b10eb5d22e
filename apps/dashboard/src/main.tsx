import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/lists.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { PostriderApiError, PostriderUnreachableError } from '@postrider/client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { App } from './shell/App.js';
import { cssVariables, theme } from './theme.js';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What was refused is refused again; only what is away comes back.
      retry: (failures, error) =>
        failures < 2 &&
        (error instanceof PostriderUnreachableError ||
          (error instanceof PostriderApiError && error.status >= 500)),
    },
  },
});

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no #root');
createRoot(root).render(
  <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
    <QueryClientProvider client={client}>
      <Notifications position="top-right" />
      <App />
    </QueryClientProvider>
  </MantineProvider>,
);
