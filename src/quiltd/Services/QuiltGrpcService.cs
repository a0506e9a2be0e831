using Quilt.Api.V1;
using Quilt.Engine;

namespace Quilt.Daemon;

/// <summary>The engine over gRPC: decodes and checks requests, asks the engine, encodes its answers.</summary>
internal sealed partial class QuiltGrpcService(ContainerEngine engine, DaemonOptions options) : QuiltService.QuiltServiceBase;
