using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Quilt.Aria;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Linux;

namespace Quilt.Daemon;

/// <summary>Opens the engine and serves it until it is told to end.</summary>
internal static partial class Daemon
{
    // Of one connection: a client that has more to ask at once waits, or opens another.
    private const int MostStreamsOfAConnection = 1024;

    // Over TCP, whatever each does: as many descriptors as a daemon can do without. One address has no more than a half of them, which is a stream of
    // news and a call for each of the connections of MCP that an agent may have.
    private const int MostConnectionsFromOutside = 1024, MostConnectionsOfAnAddress = 512;

    // Whoever comes to a Unix socket that has no place for one more is sent away (EAGAIN), where TCP would let him wait.
    private const int WaitingConnections = 4096;

    // Calls that are under way end by themselves in less; streams that would go on for ever are cut then.
    private static readonly TimeSpan ShutdownPatience = TimeSpan.FromSeconds(2);

    // systemd's protocol of socket activation (sd_listen_fds(3)): the first descriptor it passes is 3.
    private const ulong ActivatedSocket = 3;

    /// <returns>The exit code.</returns>
    internal static async Task<int> RunAsync(Func<DaemonOptions> options, DaemonLog log, CancellationToken cancellation)
    {
        try
        {
            await ServeAsync(options(), log, cancellation).ConfigureAwait(false);
            return 0;
        }
        catch (QuiltException e)
        {
            return await RefuseAsync(1, e.Message, e.Remedy ?? "see 'quilt doctor'").ConfigureAwait(false);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            return await RefuseAsync(1, e.Message, "give another address, or end what listens there").ConfigureAwait(false);
        }
        catch (Exception e) when (e is SyscallException or IOException or UnauthorizedAccessException)
        {
            return await RefuseAsync(1, e.Message, "run it as root, on a host for which 'quilt doctor' finds nothing").ConfigureAwait(false);
        }
    }

    /// <summary>Says why it does not run.</summary>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RefuseAsync(int code, string why, string remedy)
    {
        await Console.Error.WriteLineAsync($"quiltd: {why}").ConfigureAwait(false);
        await Console.Error.WriteLineAsync($"  remedy: {remedy}").ConfigureAwait(false);
        return code;
    }

    private static async Task ServeAsync(DaemonOptions options, DaemonLog log, CancellationToken cancellation)
    {
        if (!File.Exists(options.Engine.ShimProgram))
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"there is no program {options.Engine.ShimProgram}, which each container needs", "build or install quilt-shim beside quiltd, or give its path with --shim");
        }

        // Without the defaults: those take endpoints from environment variables and from a file in the folder we are started in, and watch that folder.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        log.Configure(builder.Logging);
        builder.Host.UseSystemd();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownPatience);
        using ILoggerFactory loggers = LoggerFactory.Create(log.Configure);
        await using ContainerEngine engine = await ContainerEngine.OpenAsync(options.Engine, loggers, cancellation).ConfigureAwait(false);

        bool activated = Environment.GetEnvironmentVariable("LISTEN_PID") == Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using ListeningSocket? socket = activated ? null : ListeningSocket.Open(options.Socket);
        using ListeningSocket plain = ListeningSocket.Open(options.HttpSocket);
        HttpEndpoint? http = options.Http is { } asked ? HttpEndpoint.Open(asked, options.HttpCertificate, options.HttpKey, options.HttpNames, options.Engine.StateDir) : null;
        DescriptorChannels channels = new();
        DashboardEndpoint? dashboard = options.Dashboard is { } loopback ? DashboardEndpoint.Parse(loopback) : null;
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.Http2.MaxStreamsPerConnection = MostStreamsOfAConnection;
            kestrel.Limits.MaxRequestBodySize = null; // streams of input; each message has its own limit
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.ListenHandle(socket?.Handle ?? ActivatedSocket, listen =>
            {
                listen.Use(next => connection => channels.ServeAsync(connection, next));
                Own(listen).Protocols = HttpProtocols.Http2;
            });
            kestrel.ListenHandle(plain.Handle, listen => Own(listen).Protocols = HttpProtocols.Http1);
            if (http is not null)
            {
                kestrel.Listen(http.Address, listen => Bounded(listen).UseHttps(http.Certificate).Protocols = HttpProtocols.Http1AndHttp2);
            }

            if (dashboard is not null)
            {
                kestrel.Listen(dashboard.Address, listen => Mark(Bounded(listen), DashboardConnection.Instance).Protocols = HttpProtocols.Http1);
            }

            ListenOptions Bounded(ListenOptions listen) => new ConnectionLimit(MostConnectionsFromOutside, MostConnectionsOfAnAddress, loggers.CreateLogger("quiltd")).Use(listen);
        });
        builder.Services.Configure<SocketTransportOptions>(transport => transport.Backlog = WaitingConnections);
        using TracerProvider? traces = TraceExport.Provide(options.Otlp);
        using MeterProvider meters = MetricsFace.Provide();
        EngineMeters engineMeters = new(engine);
        engineMeters.Begin();
        await using AgentLayer agents = AgentLayer.Open(engine, options.Agents, loggers);
        builder.Services.AddSingleton(engine).AddSingleton(agents).AddSingleton(options).AddSingleton(channels).AddSingleton<QuiltGrpcService>().AddSingleton<McpFace>().AddSingleton<HttpFace>();
        WebApplication? running = null;
        McpHttp.Add(builder.Services, () => running!.Services.GetRequiredService<McpFace>(), () => agents);
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = RequestBody.Longest;
            grpc.Interceptors.Add<ErrorInterceptor>();
        });
        RequestReading.Add(builder.Services);
        WebApplication app = builder.Build();
        await using (app.ConfigureAwait(false))
        {
            running = app;
            ProblemDetails.AnswerWhatIsUnknown(app);
            if (dashboard is not null)
            {
                DashboardFace.Use(app, dashboard, agents, loggers.CreateLogger("quiltd"));
                new TerminalSocket(agents, engine).Map(app);
            }

            Door.Use(app, agents);
            MessageReading.Use(app, agents);
            McpHttp.Map(app, agents, http?.Names ?? HttpEndpoint.Loopback, loggers.CreateLogger("quiltd"));
            MetricsFace.Map(app, meters, engineMeters, agents, loggers.CreateLogger("quiltd"));
            app.Services.GetRequiredService<HttpFace>().Map(app);
            app.MapGrpcService<QuiltGrpcService>();
            await app.StartAsync(cancellation).ConfigureAwait(false);
            ILogger logger = loggers.CreateLogger("quiltd");
            string listening = activated ? "systemd's socket" : options.Socket;
            LogListening(logger, listening, DaemonVersion.Text);
            // What was needed to begin, the images that come with it above all, is given back to the host.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            await app.WaitForShutdownAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Who may open it is who may ask: root and its group.</summary>
    private static ListenOptions Own(ListenOptions listen) => Mark(listen, OwnSocket.Instance);

    /// <summary>What its connections are is known by where they came in, and by nothing that they say.</summary>
    private static ListenOptions Mark<T>(ListenOptions listen, T mark)
    {
        listen.Use(next => connection =>
        {
            connection.Features.Set(mark);
            return next(connection);
        });
        return listen;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "quiltd {Version} listens on {Socket}")]
    private static partial void LogListening(ILogger logger, string socket, string version);
}
