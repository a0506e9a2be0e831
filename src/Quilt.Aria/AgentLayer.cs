using System.Text.Json;
using Microsoft.Extensions.Logging;
using Quilt.Cognition;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Registry;

namespace Quilt.Aria;

/// <summary>Aria: the tools over one engine, who may call them, and what they leave. Everything in it goes through <see cref="Execution"/>.</summary>
public sealed partial class AgentLayer : IAsyncDisposable
{
    private const string CognitionGroup = "cognition";

    // All that they do at once: readers of documents have limits of their own below it.
    private static readonly ContainerLimits CognitionLimits = new(4L << 30, 0, 1024);
    private readonly ILogger _logger;
    private readonly AuditLog _audit;
    private readonly RegistryClient _registries;

    private AgentLayer(ContainerEngine engine, AgentLayerOptions options, ILoggerFactory loggers)
    {
        _logger = loggers.CreateLogger<AgentLayer>();
        engine.Database.Migrate(AriaMigrations.Part, AriaMigrations.Steps);
        Agents = new AgentRegistry(engine);
        Tokens = new TokenStore(engine.Database, Agents);
        Links = new DashboardLinks(Tokens, Agents, TimeProvider.System, loggers.CreateLogger<DashboardLinks>());
        Cleanup cleanup = new(engine, loggers.CreateLogger<Cleanup>());
        Lifespans = new LifespanRegistry(engine, cleanup, loggers.CreateLogger<LifespanRegistry>());
        Quotas = new Quotas(engine, Agents);
        (engine.Wiring.AdmitEdge, engine.Wiring.AdmitPort) = (Quotas.AdmitEdge, Quotas.AdmitPort);
        SecretFolder secrets = new(options.SecretsDir);
        engine.Secrets = (of, name) => secrets.Read(
            Agents.TryGet(of.Owner.Agent) ?? throw new QuiltException(ErrorCode.NotFound, "the container's agent is being removed", "make the container for another agent", "secrets"), name, "secrets");
        Workloads = new Workloads(engine, Lifespans, Quotas, secrets);
        _audit = new AuditLog(engine.Database, options.AuditKept, loggers.CreateLogger<AuditLog>());
        Transfers = new TransferFiles(engine.Options.StateDir, Quotas);
        _registries = new RegistryClient(options.Registries);
        ImageBuilds builds = new(engine, _registries, Transfers, Workloads, secrets);
        Removal = new AgentRemoval(engine, Agents, Tokens, Lifespans, cleanup, loggers.CreateLogger<AgentRemoval>());
        Execution = new ExecutionEngine(engine, Agents, Tokens, Lifespans, Quotas, new Idempotency(engine.Database, TimeProvider.System), _audit);
        CognitionService cognition = new(new CognitionProcess(options.CognitionProgram, text => LogCognition(_logger, text)), options.Cognition, Quotas, pid => engine.Supervise(CognitionGroup, CognitionLimits, pid));
        Lazy<ToolRegistry> registry = new(() => Tools!);
        Tools = new ToolRegistry(
        [
            new CreateContainerTool(Workloads), new StartContainerTool(engine), new StopContainerTool(engine), new RestartContainerTool(engine), new PauseContainerTool(engine),
            new UnpauseContainerTool(engine), new RemoveContainerTool(engine), new WaitForContainerTool(engine), new ListContainersTool(engine), new GetContainerStatusTool(engine),
            new GetContainerLogsTool(engine),
            new ExecInContainerTool(engine, Workloads), new GetExecTool(engine), new SendExecInputTool(engine), new KillExecTool(engine), new ListExecsTool(engine),
            new CopyToContainerTool(engine, Transfers), new CopyFromContainerTool(engine, Transfers),
            new EstablishConnectionTool(engine), new SeverConnectionTool(engine), new GetNetworkTopologyTool(engine), new GetContainerNetworkInfoTool(engine),
            new CreateNetworkTool(engine, Workloads), new RemoveNetworkTool(engine), new ConnectToNetworkTool(engine), new DisconnectFromNetworkTool(engine), new ListNetworksTool(engine),
            new ExposePortTool(engine), new UnexposePortTool(engine), new BindPortTool(engine), new UnbindPortTool(engine),
            new CreateVolumeTool(engine, Workloads), new RemoveVolumeTool(engine), new ListVolumesTool(engine), new InspectVolumeTool(engine), new AttachVolumeTool(engine), new DetachVolumeTool(engine),
            new PruneVolumesTool(engine), new SaveVolumeTool(engine, Transfers), new LoadVolumeTool(engine, Workloads, Transfers),
            new SetResourceLimitsTool(Workloads), new GetEventsTool(engine), new GetResourceUsageTool(engine), new GetSystemMetricsTool(engine, Quotas), new GetDiskUsageTool(engine),
            new ListImagesTool(engine), new InspectImageTool(engine), new PullImageTool(engine, _registries, secrets), new PushImageTool(engine, _registries, secrets), new CheckRegistryLoginTool(_registries, secrets),
            new BuildImageTool(builds), new CommitContainerTool(engine), new TagImageTool(engine), new RemoveImageTool(engine), new PruneImagesTool(engine), new VerifyImagesTool(engine),
            new SnapshotContainerTool(Workloads), new RestoreContainerTool(engine), new ForkContainerTool(Workloads), new ListSnapshotsTool(engine), new InspectSnapshotTool(engine),
            new RemoveSnapshotTool(engine),
            new SaveImageTool(engine, Transfers), new LoadImageTool(engine, Transfers), new ImportImageTool(engine, Transfers),
            new ListToolsTool(registry), new DescribeToolTool(registry),
            new CreateAgentTool(Agents, Tokens, Quotas), new ListAgentsTool(Agents, Quotas), new GetAgentTool(Agents, Quotas), new RemoveAgentTool(Agents, Removal),
            new CreateTokenTool(Agents, Tokens), new ListTokensTool(Agents, Tokens), new RevokeTokenTool(Tokens), new GetAuditTool(_audit, Agents),
            new BeginSessionTool(engine, Lifespans), new EndSessionTool(engine, Lifespans), new ListSessionsTool(engine, Lifespans), new BeginTaskTool(engine, Lifespans),
            new EndTaskTool(engine, Lifespans), new ListTasksTool(engine, Lifespans), new ShareContainerTool(engine, Lifespans), new AdoptContainerTool(engine, Lifespans, Quotas),
            new ExtendContainerTool(engine),
            new PonderTool(cognition), new WebSearchTool(cognition), new ParseDocumentTool(cognition), new WriteCodeTool(cognition),
        ]);
    }

    public AgentRegistry Agents { get; }
    public TokenStore Tokens { get; }
    public DashboardLinks Links { get; }
    public LifespanRegistry Lifespans { get; }
    public Quotas Quotas { get; }
    public Workloads Workloads { get; }
    public ToolRegistry Tools { get; }
    public ExecutionEngine Execution { get; }

    /// <summary>What callers send to tools, and fetch from them, beside their calls.</summary>
    public TransferFiles Transfers { get; }
    private AgentRemoval Removal { get; }

    /// <summary>Goes on where the daemon before ended.</summary>
    public static AgentLayer Open(ContainerEngine engine, AgentLayerOptions options, ILoggerFactory loggers)
    {
        AgentLayer layer = new(engine, options, loggers);
        layer.Lifespans.Resume();
        _ = layer.Removal.ResumeAsync(); // beside the calls; what it cannot finish the next start tries again
        return layer;
    }

    /// <summary>Calls a tool by its name, as every face does.</summary>
    /// <param name="arguments">A JSON object; an <c>idempotencyKey</c> in it is as one of the call's.</param>
    /// <returns>A JSON object by the tool's output schema.</returns>
    public Task<string> CallAsync(Call call, string name, JsonElement arguments, IProgress<ToolProgress>? progress, CancellationToken cancellation)
    {
        Tool? tool = Tools.TryGet(name);
        ToolDefinition definition = tool?.Definition ?? Unknown(name);
        return Execution.RunAsync(
            call with { IdempotencyKey = KeyOf(arguments) ?? call.IdempotencyKey }, definition, new CallArguments(() => Redaction.Redact(arguments, tool?.Input), arguments.GetRawText),
            (caller, token) => (tool ?? Tools.Get(name)).CallAsync(arguments, new ToolContext(caller) { Progress = progress }, token), AsText, cancellation);
    }

    private static string? KeyOf(JsonElement arguments)
    {
        try
        {
            return arguments.ValueKind == JsonValueKind.Object && arguments.TryGetProperty(SchemaWriter.IdempotencyKey, out JsonElement key) && key.ValueKind == JsonValueKind.String ? key.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a character, in it or in the name before it: the tool refuses such arguments, whatever their key.
            return null;
        }
    }

    /// <summary>Lets in whoever is known, before anything is read that is sent.</summary>
    /// <param name="what">A tool's name, or what else is wanted.</param>
    /// <exception cref="QuiltException">Unauthenticated; NotFound: its session.</exception>
    public Caller Admit(Call call, string what) => Execution.Admit(call, Tools.TryGet(what)?.Definition ?? Unknown(what), Execution.Authenticate);

    /// <summary>Lets in whoever opens a link to the dashboard: the code is in place of a token.</summary>
    /// <param name="what">As in <see cref="Admit"/>.</param>
    /// <returns>The token itself.</returns>
    /// <exception cref="QuiltException">Unauthenticated.</exception>
    public string AdmitByLink(Call call, string what) => Execution.Admit(call, Unknown(what), by => Links.Exchange(by.Token ?? ""));

    /// <summary>The session of a connection: an orphan when that is lost.</summary>
    public Lifespan BeginConnection(Agent agent) => Lifespans.Begin(BeginSessionTool.New(agent, new BeginSessionArguments(), ofConnection: true));

    public async ValueTask DisposeAsync()
    {
        Removal.Dispose();
        await Lifespans.DisposeAsync().ConfigureAwait(false);
        Transfers.Dispose();
        _registries.Dispose();
        await _audit.DisposeAsync().ConfigureAwait(false);
    }

    [LoggerMessage(EventId = 64, Level = LogLevel.Warning, Message = "quilt-cognition: {Text}")]
    private static partial void LogCognition(ILogger logger, string text);

    private static Codec<string> AsText { get; } = new(text => text, text => text);

    /// <summary>Nobody's grant speaks of it: whoever is known is told that there is none.</summary>
    private static ToolDefinition Unknown(string name)
    {
        const int longest = 64;
        string printable = Text.Printable(name);
        return new ToolDefinition(printable[..Math.Min(printable.Length, longest)]) { Title = "", Description = "", Level = SecurityLevel.Safe, IsUnknown = true };
    }
}
