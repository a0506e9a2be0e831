using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Quilt.Aria;

/// <summary>The agents' records, and the arguments and results of the tools.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    Converters = [
        typeof(SizeConverter), typeof(DurationConverter), typeof(CamelCaseEnumConverter<ToolScope>), typeof(CamelCaseEnumConverter<SecurityLevel>),
        typeof(CamelCaseEnumConverter<Engine.ContainerStrategy>), typeof(CamelCaseEnumConverter<LifespanKind>), typeof(CamelCaseEnumConverter<LifespanState>)])]
[JsonSerializable(typeof(AgentConfig))]
[JsonSerializable(typeof(Lifespan))]
[JsonSerializable(typeof(CleanupReport))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(AdoptContainerArguments))]
[JsonSerializable(typeof(BeginSessionArguments))]
[JsonSerializable(typeof(BeginTaskArguments))]
[JsonSerializable(typeof(BindPortArguments))]
[JsonSerializable(typeof(ConnectToNetworkArguments))]
[JsonSerializable(typeof(ConnectToNetworkResult))]
[JsonSerializable(typeof(ContainerArguments))]
[JsonSerializable(typeof(ContainerNetworkInfo))]
[JsonSerializable(typeof(ContainerStatus))]
[JsonSerializable(typeof(ContainerView))]
[JsonSerializable(typeof(CreateAgentArguments))]
[JsonSerializable(typeof(CreateAgentResult))]
[JsonSerializable(typeof(CreateContainerArguments))]
[JsonSerializable(typeof(CreateContainerResult))]
[JsonSerializable(typeof(CreateNetworkArguments))]
[JsonSerializable(typeof(CreateTokenArguments))]
[JsonSerializable(typeof(CreateTokenResult))]
[JsonSerializable(typeof(DescribeToolArguments))]
[JsonSerializable(typeof(DescribeToolResult))]
[JsonSerializable(typeof(DisconnectFromNetworkArguments))]
[JsonSerializable(typeof(EndSessionArguments))]
[JsonSerializable(typeof(EndSessionResult))]
[JsonSerializable(typeof(EndTaskArguments))]
[JsonSerializable(typeof(EndTaskResult))]
[JsonSerializable(typeof(EstablishConnectionArguments))]
[JsonSerializable(typeof(EstablishConnectionResult))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(ExecInContainerArguments))]
[JsonSerializable(typeof(ExecInContainerResult))]
[JsonSerializable(typeof(ExecView))]
[JsonSerializable(typeof(ExposePortArguments))]
[JsonSerializable(typeof(ExposePortResult))]
[JsonSerializable(typeof(ExtendContainerArguments))]
[JsonSerializable(typeof(ExtendContainerResult))]
[JsonSerializable(typeof(GetAgentArguments))]
[JsonSerializable(typeof(GetAgentResult))]
[JsonSerializable(typeof(GetAuditArguments))]
[JsonSerializable(typeof(GetAuditResult))]
[JsonSerializable(typeof(GetContainerLogsArguments))]
[JsonSerializable(typeof(GetContainerLogsResult))]
[JsonSerializable(typeof(GetEventsArguments))]
[JsonSerializable(typeof(GetEventsResult))]
[JsonSerializable(typeof(GetExecArguments))]
[JsonSerializable(typeof(GetExecResult))]
[JsonSerializable(typeof(GetNetworkTopologyArguments))]
[JsonSerializable(typeof(GetNetworkTopologyResult))]
[JsonSerializable(typeof(GetResourceUsageResult))]
[JsonSerializable(typeof(GetSystemMetricsResult))]
[JsonSerializable(typeof(KillExecArguments))]
[JsonSerializable(typeof(ListAgentsResult))]
[JsonSerializable(typeof(ListContainersArguments))]
[JsonSerializable(typeof(ListContainersResult))]
[JsonSerializable(typeof(ListExecsResult))]
[JsonSerializable(typeof(ListImagesResult))]
[JsonSerializable(typeof(ListNetworksArguments))]
[JsonSerializable(typeof(ListNetworksResult))]
[JsonSerializable(typeof(ListSessionsResult))]
[JsonSerializable(typeof(ListTasksArguments))]
[JsonSerializable(typeof(ListTasksResult))]
[JsonSerializable(typeof(ListTokensResult))]
[JsonSerializable(typeof(ListToolsArguments))]
[JsonSerializable(typeof(ListToolsResult))]
[JsonSerializable(typeof(LogLineView))]
[JsonSerializable(typeof(NetworkResult))]
[JsonSerializable(typeof(NoArguments))]
[JsonSerializable(typeof(PortView))]
[JsonSerializable(typeof(RemoveAgentArguments))]
[JsonSerializable(typeof(RemoveAgentResult))]
[JsonSerializable(typeof(RemoveContainerArguments))]
[JsonSerializable(typeof(RemoveContainerResult))]
[JsonSerializable(typeof(RemoveNetworkArguments))]
[JsonSerializable(typeof(RestartContainerArguments))]
[JsonSerializable(typeof(RevokeTokenArguments))]
[JsonSerializable(typeof(RevokeTokenResult))]
[JsonSerializable(typeof(SendExecInputArguments))]
[JsonSerializable(typeof(SendExecInputResult))]
[JsonSerializable(typeof(SessionResult))]
[JsonSerializable(typeof(SeverConnectionArguments))]
[JsonSerializable(typeof(SeverConnectionResult))]
[JsonSerializable(typeof(ShareContainerArguments))]
[JsonSerializable(typeof(ShareContainerResult))]
[JsonSerializable(typeof(StartContainerResult))]
[JsonSerializable(typeof(StopContainerArguments))]
[JsonSerializable(typeof(StopContainerResult))]
[JsonSerializable(typeof(TaskResult))]
[JsonSerializable(typeof(UnbindPortArguments))]
[JsonSerializable(typeof(UnexposePortArguments))]
[JsonSerializable(typeof(WaitForContainerArguments))]
[JsonSerializable(typeof(WaitForContainerResult))]
internal sealed partial class AriaJson : JsonSerializerContext
{
    /// <summary>For models, which pay for each character: nothing is escaped that JSON does not want to be.</summary>
    internal static AriaJson Plain => field ??= new AriaJson(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>Names as JSON has them.</summary>
internal sealed class CamelCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
