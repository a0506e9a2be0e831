using System.CommandLine;
using Quilt.Api.V1;
using Quilt.Build;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class BuildCommand : CliCommand
{
    private const string ImagePrefix = "docker-image://"; // as Docker has it
    private readonly Argument<string> _context;
    private readonly Option<string[]> _tags, _arguments, _secrets, _ssh, _labels, _egress, _contexts;
    private readonly Option<string?> _file, _target, _output, _memory, _cpus;
    private readonly Option<bool> _noCache, _quiet;

    internal BuildCommand()
        : base("build", "Build an image of a Dockerfile")
    {
        _context = Word("CONTEXT");
        _tags = Values("REFERENCE", "The image's name", "--tag", "-t");
        _file = Value("FILE", "The Dockerfile (else CONTEXT/Dockerfile); '-' for stdin", "--file", "-f");
        _target = Value("STAGE", "Build this stage (else the last one)", "--target");
        _arguments = Values("NAME=VALUE", "A value for ARG; NAME alone takes ours from the environment", "--build-arg");
        _secrets = Values("id=ID,src=FILE", "For RUN --mount=type=secret; or id=ID,env=VARIABLE, or id=ID,name=NAME of one that the operator keeps", "--secret");
        _ssh = Values("ID=SOCKET", "An ssh agent of the host's, for RUN --mount=type=ssh", "--ssh");
        _contexts = Values("NAME=FOLDER", "Further files that COPY --from=NAME takes; or NAME=docker-image://REFERENCE, an image for FROM too", "--build-context");
        _labels = Values("NAME=VALUE", "Set on the image", "--label");
        _egress = Values("TO:PORT", "Where RUN and ADD may go outside, such as deb.debian.org:80 (else nowhere)", "--egress");
        _memory = Value("SIZE", "Of each step (else 1GiB)", "--memory", "-m");
        _cpus = Value("CORES", "Of each step, such as 1.5", "--cpus");
        _output = Value("WHERE", "Where the result goes beside the store: type=oci,dest=FILE for an archive, type=local,dest=FOLDER or type=tar,dest=FILE for its files", "--output", "-o");
        _noCache = Flag("Do every step anew", "--no-cache");
        _quiet = Flag("Print the digest alone", "--quiet", "-q");
    }

    internal override string Usage =>
        "[-t REFERENCE]... [-f FILE] [--target STAGE] [--build-arg NAME=VALUE]... [--secret id=ID,src=FILE]... [--ssh ID=SOCKET]... [--label NAME=VALUE]... [--build-context NAME=FOLDER]... [--egress TO:PORT]... [--memory SIZE] [--cpus CORES] [--output WHERE] [--no-cache] [-q] CONTEXT|-";

    internal override string Details =>
        """
        CONTEXT is a folder, of which .dockerignore leaves out what is not sent, or '-' for an archive on stdin. Steps reach no network
        unless --egress says where. What a step has done before it does not do again, unless --no-cache says so. docs/build.md has more.
        """;

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt build -t app:1 .", "Of ./Dockerfile"),
        new("quilt build -t app:1 --egress deb.debian.org:80 --build-arg VERSION=2 .", "With packages from Debian"),
        new("quilt build --secret id=key,src=key.pem -o type=local,dest=out .", "The files of the result, in a folder"),
    ];

    internal override async Task<int> RunAsync(Invocation call)
    {
        BuildOutput? output = call.Get(_output) is { } where ? BuildOutput.Parse(where) : null;
        ToolArguments arguments = await ArgumentsAsync(call, output);
        BuildDisplay display = new(call.Get(_quiet) || call.Json ? TextWriter.Null : call.Streams.Error, call.Streams.Style);
        CallToolRequest request = new() { Name = "buildImage", Arguments = arguments.ToString() };
        ToolAnswer answer = ToolCall.Read(request.Name, await ToolCall.RunAsync(call, request, display.Show));
        if (output is not null)
        {
            await output.FetchAsync(call, answer["downloadId"].Text);
        }

        if (call.Json)
        {
            call.Out.WriteLine(answer.Indented);
        }
        else if (call.Get(_quiet))
        {
            call.Out.WriteLine(answer["image"]["digest"].Text);
        }
        else
        {
            ImageRows.WriteNames(call.Out, [answer["image"]]);
        }

        return 0;
    }

    private async Task<ToolArguments> ArgumentsAsync(Invocation call, BuildOutput? output)
    {
        BuildSecret[] secrets = [.. (call.Get(_secrets) ?? []).Select(BuildSecret.Read)];
        ToolArguments arguments = new ToolArguments()
            .Add("tags", call.Get(_tags) ?? [])
            .Add("target", call.Get(_target))
            .Add("buildArgs", Pairs(call.Get(_arguments) ?? [], "--build-arg"))
            .Add("labels", Pairs(call.Get(_labels) ?? [], "--label"))
            .Add("secrets", secrets.Where(s => s.Name is null).ToDictionary(s => s.Id, s => s.Text!))
            .Add("namedSecrets", secrets.Where(s => s.Name is not null).ToDictionary(s => s.Id, s => s.Name!))
            .Add("ssh", Pairs(call.Get(_ssh) ?? [], "--ssh"))
            .Add("egress", call.Get(_egress) ?? [])
            .Add("memory", call.Get(_memory))
            .Add("cpus", call.Get(_cpus) is { } cpus ? LimitOptions.ReadCpus(cpus) : (double?)null)
            .Add("noCache", call.Get(_noCache), unless: false)
            .Add("output", output?.Kind)
            .Add("namedContexts", await NamedAsync(call));
        string? file = call.Get(_file);
        string context = call.Get(_context)!;
        if (context == "-")
        {
            return arguments
                .Add("context", new ToolArguments().Add("upload", await ArchiveInput.UploadAsync(call, null, "CONTEXT")))
                .Add("dockerfile", file is null or "-" ? null : file);
        }

        if (!Directory.Exists(context))
        {
            throw QuiltException.Invalid("CONTEXT", $"'{context}' is no folder", "name the folder with the files that the Dockerfile copies, or '-' for an archive on stdin");
        }

        (string? name, string? text) = DockerfileOf(file, context);
        return arguments.Add("context", await SendAsync(call, context, name ?? "Dockerfile")).Add("dockerfile", name).Add("dockerfileText", text);
    }

    private async Task<ToolArguments?> NamedAsync(Invocation call)
    {
        string[] texts = call.Get(_contexts) ?? [];
        ToolArguments named = new();
        foreach (string text in texts)
        {
            (string name, string? value) = KeyValues.Split(text, "--build-context");
            string? image = value is not null && value.StartsWith(ImagePrefix, StringComparison.Ordinal) ? value[ImagePrefix.Length..] : null;
            if (image is null && !Directory.Exists(value))
            {
                throw QuiltException.Invalid("--build-context", $"--build-context '{text}' names neither a folder nor an image", $"give NAME=FOLDER or NAME={ImagePrefix}REFERENCE");
            }

            named.Add(name, image is null ? await SendAsync(call, value!, "Dockerfile") : new ToolArguments().Add("image", image));
        }

        return texts.Length == 0 ? null : named;
    }

    /// <param name="dockerfile">Of which ignore file it has is sent too.</param>
    private static async Task<ToolArguments> SendAsync(Invocation call, string folder, string dockerfile) => new ToolArguments().Add(
        "upload", await Transfer.UploadAsync(call.Daemon, to => Task.Run(() => ContextArchive.Write(folder, dockerfile, to))));

    /// <returns>Its name in the context, or where it lies elsewhere its text.</returns>
    private static (string? Name, string? Text) DockerfileOf(string? file, string context)
    {
        if (file == "-")
        {
            return (null, StandardInput.ReadText());
        }

        if (file is null)
        {
            return (null, null);
        }

        try
        {
            string folder = Path.GetFullPath(context).TrimEnd('/') + '/', path = Path.GetFullPath(file);
            return path.StartsWith(folder, StringComparison.Ordinal) && File.Exists(path) ? (path[folder.Length..], null) : (null, File.ReadAllText(path));
        }
        catch (Exception e) when (Failure.IsOfFile(e))
        {
            throw QuiltException.Invalid("--file", $"--file '{file}' cannot be read", "name a Dockerfile that you may read, or '-' for stdin");
        }
    }

    private static Dictionary<string, string> Pairs(string[] texts, string field)
    {
        Dictionary<string, string> pairs = new(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            (string name, string? value) = KeyValues.Split(text, field);
            value ??= Environment.GetEnvironmentVariable(name);
            if (value is not null)
            {
                pairs[name] = value;
            }
        }

        return pairs;
    }
}
