using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Quilt.Aria;
using Quilt.Core;
using Quilt.Daemon;
using Quilt.Engine;
using Quilt.Linux;
using Quilt.Registry;

const string UsualRegistries = "/etc/quilt/registries.json";
const int MostWarmShims = 256, LeastAuditKept = 10;

Sys.UseUsualUmask();

Option<string> stateDir = new("--state-dir") { Description = "Folder for what survives a restart of the host: database, images, writable layers, logs", DefaultValueFactory = _ => "/var/lib/quilt" };
Option<string> runDir = new("--run-dir") { Description = "Folder for sockets", DefaultValueFactory = _ => "/run/quilt" };
Option<string?> socket = new("--socket") { Description = "Socket to listen on (default: RUN_DIR/quilt.sock, or systemd's)" };
Option<string?> shim = new("--shim") { Description = "The program quilt-shim (default: beside quiltd)" };
Option<string> cgroupParent = new("--cgroup-parent") { Description = "Control group above all containers' groups", DefaultValueFactory = _ => "quilt" };
Option<string> hostIds = new("--host-id-claims") { Description = "Folder in which the quiltds of this host divide its container user ids", DefaultValueFactory = _ => "/var/lib/quilt-host-ids" };
Option<int> warmShims = new("--warm-shims") { Description = "How many shims wait for a container, some 2 MiB each", DefaultValueFactory = _ => 4, Validators = { Within(0, MostWarmShims) } };
Option<string?> httpSocket = new("--http-socket") { Description = "Socket to serve HTTP and MCP on (default: RUN_DIR/http.sock)" };
Option<string?> http = new("--http") { Description = "ADDRESS:PORT to serve HTTP and MCP on over TLS, to whoever has a token (default: none)" };
Option<string?> httpCertificate = new("--http-cert") { Description = "PEM file of its certificate (default: one of its own, STATE_DIR/http.crt)" };
Option<string?> httpKey = new("--http-key") { Description = "PEM file of the certificate's key" };
Option<string[]> httpNames = new("--http-name") { Description = "Another name by which clients may call it; may be repeated", DefaultValueFactory = _ => [] };
Option<string?> dashboard = new("--dashboard") { Description = "Loopback ADDRESS:PORT to serve the web dashboard on, to whoever has a token (default: none); see 'quilt dashboard'" };
Option<long> auditKept = new("--audit-kept") { Description = "How many calls the audit keeps", DefaultValueFactory = _ => 1_000_000, Validators = { Within(LeastAuditKept, long.MaxValue) } };
Option<IPEndPoint[]> nameServers = new("--name-server")
{
    Description = "ADDRESS[:PORT] of a name server for names of the outside; may be repeated, on one port (default: those of /etc/resolv.conf)",
    DefaultValueFactory = _ => [],
    CustomParser = parsed =>
    {
        IPEndPoint[] servers = [.. parsed.Tokens.Select(t => IPEndPoint.TryParse(t.Value, out IPEndPoint? server) ? server : null).OfType<IPEndPoint>().Select(s => s.Port > 0 ? s : new IPEndPoint(s.Address, 53))];
        if (servers.Length < parsed.Tokens.Count || servers.DistinctBy(s => s.Port).Count() > 1)
        {
            parsed.AddError("--name-server wants ADDRESS[:PORT], the port the same for all");
        }

        return servers;
    },
};
Option<string> networkPool = new("--network-pool") { Description = "IPv4 range that connected containers have their addresses from", DefaultValueFactory = _ => "10.201.0.0/16" };
Option<string> networkSubnets = new("--network-subnets") { Description = "IPv4 range that networks have their /24 subnets from where none is asked for", DefaultValueFactory = _ => "10.202.0.0/15" };
Option<string?> imagesMost = new("--images-max") { Description = "How much images may take on the disk, packed and unpacked, such as 100GiB (default: no limit)" };
Option<string?> registries = new("--registries") { Description = "JSON file with mirrors, certificates and credentials of registries (default: /etc/quilt/registries.json, where it is there)" };
Option<string> secrets = new("--secrets") { Description = "Folder of the secrets that agents may use by their names, a file of mode 0600 each", DefaultValueFactory = _ => "/etc/quilt/secrets" };
Option<string?> config = new("--config") { Description = "YAML file with more: the models of the cognitive tools" };
Option<string?> otlp = new("--otlp") { Description = "URL of a collector that traces go to by OTLP over HTTP, such as http://127.0.0.1:4318 (default: nowhere)" };
Option<LogFormat> logFormat = new("--log-format") { Description = "Text, or Json for an object a line", DefaultValueFactory = _ => LogFormat.Text };
Option<LogLevel> logLevel = new("--log-level") { Description = "Trace, Debug, Information, Warning, Error", DefaultValueFactory = _ => LogLevel.Information };
RootCommand command = new("The daemon of Quilt, the hermetic container runtime for agents.") { stateDir, runDir, socket, shim, cgroupParent, hostIds, warmShims, httpSocket, http, httpCertificate, httpKey, httpNames, dashboard, nameServers, networkPool, networkSubnets, imagesMost, registries, secrets, config, auditKept, otlp, logLevel, logFormat };
command.SetAction(async (parsed, cancellation) =>
{
    string run = Path.GetFullPath(parsed.GetValue(runDir)!);
    DaemonOptions Options() => new(
        new EngineOptions
        {
            StateDir = Path.GetFullPath(parsed.GetValue(stateDir)!),
            RunDir = run,
            ShimProgram = parsed.GetValue(shim) ?? OurPrograms.Shim(),
            CgroupParent = parsed.GetValue(cgroupParent)!,
            HostIdClaims = Path.GetFullPath(parsed.GetValue(hostIds)!),
            NameServers = parsed.GetValue(nameServers)!,
            NetworkPool = parsed.GetValue(networkPool)!,
            NetworkSubnets = parsed.GetValue(networkSubnets)!,
            ImagesMostBytes = parsed.GetValue(imagesMost) is { } most ? ByteSize.Parse(most, "--images-max").Bytes : null,
            WarmShims = parsed.GetValue(warmShims),
        },
        parsed.GetValue(socket) ?? Path.Combine(run, "quilt.sock"), TimeProvider.System.GetUtcNow())
    {
        HttpSocket = parsed.GetValue(httpSocket) ?? Path.Combine(run, "http.sock"),
        Http = parsed.GetValue(http),
        HttpCertificate = parsed.GetValue(httpCertificate),
        HttpKey = parsed.GetValue(httpKey),
        HttpNames = parsed.GetValue(httpNames)!,
        Otlp = parsed.GetValue(otlp),
        Dashboard = parsed.GetValue(dashboard),
        Agents = new AgentLayerOptions
        {
            AuditKept = parsed.GetValue(auditKept),
            CognitionProgram = OurPrograms.Cognition,
            Cognition = DaemonConfig.Read(parsed.GetValue(config)),
            SecretsDir = Path.GetFullPath(parsed.GetValue(secrets)!),
            Registries = parsed.GetValue(registries) is { } file ? RegistryOptions.Read(file) : File.Exists(UsualRegistries) ? RegistryOptions.Read(UsualRegistries) : new RegistryOptions(),
        },
    };
    return await Daemon.RunAsync(Options, new DaemonLog(parsed.GetValue(logLevel), parsed.GetValue(logFormat)), cancellation);
});

ParseResult read = command.Parse(args);
if (read.Errors.Count > 0)
{
    string why = string.Join(", ", read.Errors[0].Message.TrimEnd('.').Split('\n', StringSplitOptions.RemoveEmptyEntries));
    return await Daemon.RefuseAsync(2, why, "see 'quiltd --help', or quiltd(8)");
}

// The host takes SIGTERM and SIGINT, and needs its time to end in order.
return await read.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static Action<OptionResult> Within(long least, long most) => result =>
{
    // What is no number is told by the parser.
    if (result.Tokens is [{ Value: var text }] && long.TryParse(text, CultureInfo.InvariantCulture, out long number) && (number < least || number > most))
    {
        result.AddError($"{result.Option.Name} is {text}, which is not from {least} {(most == long.MaxValue ? "up" : $"to {most}")}");
    }
};
