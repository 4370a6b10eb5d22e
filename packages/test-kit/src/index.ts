export {
  createCertificateAuthority,
  createSelfSignedCertificate,
  type Certificate,
  type CertificateAuthority,
  type CertificateOptions,
} from './certificates.js';
export { makeComposeSecrets, type ComposePlace, type ComposeSecrets } from './compose.js';
export { childEnvironment } from './child-environment.js';
export { createTestDatabase, type DatabaseOptions, type RoleName, type TestDatabase } from './database.js';
export { sendRequest, type Reply, type RequestOptions } from './http.js';
export { keep, temporaryFolder } from './keeper.js';
export { connectNats, type NatsClient, type PublishAck, type PublishOptions } from './nats-client.js';
export { startNats, type NatsOptions, type NatsUserName, type TestNats } from './nats.js';
export { startPostgres, testDatabaseUrl, type PostgresOptions, type TestPostgres } from './postgres.js';
export { startTcpProxy, type TcpProxy } from './proxy.js';
export {
  startReceiver,
  type Answer,
  type Behaviour,
  type BehaviourOf,
  type Misbehaviour,
  type ReceivedRequest,
  type Receiver,
  type ReceiverOptions,
} from './receiver.js';
export { ServiceProcess, type Variables } from './service-process.js';
export {
  startSystem,
  type CallOptions,
  type ServiceName,
  type SystemOptions,
  type TestSystem,
} from './system.js';
export { startNatsCluster, type TestNatsCluster } from './nats-cluster.js';
export { waitFor, type WaitOptions } from './wait-for.js';
export { slackRefuses, startSlack, startTeams, teamsRefuses } from './chat-services.js';
export { startMailServer, type MailServer, type ReceivedMail } from './mail-server.js';
export { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from './otlp-receiver.js';
