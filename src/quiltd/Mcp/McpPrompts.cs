using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Quilt.Aria;

namespace Quilt.Daemon;

/// <summary>The guide as a prompt, to be put before a conversation.</summary>
internal static class McpPrompts
{
    private const string Onboarding = "onboarding";

    internal static ListPromptsResult List() => new()
    {
        Prompts = [new Prompt { Name = Onboarding, Title = "Guide to Quilt", Description = "Everything a model has to know to work with containers in Quilt." }],
    };

    internal static GetPromptResult Get(string name) => name == Onboarding
        ? new GetPromptResult
        {
            Description = "Everything a model has to know to work with containers in Quilt.",
            Messages = [new PromptMessage { Role = Role.User, Content = new TextContentBlock { Text = Guide.Text } }],
        }
        : throw new McpProtocolException($"Unknown prompt: {name}", McpErrorCode.InvalidParams);
}
