using Quilt.Core;

namespace Quilt.Cli;

/// <summary>An archive of the caller's, on its way to the daemon.</summary>
internal static class ArchiveInput
{
    /// <param name="file">Null: stdin.</param>
    /// <param name="field">Which option or argument names it.</param>
    /// <returns>The upload's id.</returns>
    /// <exception cref="QuiltException">InvalidArgument: it cannot be read.</exception>
    internal static async Task<string> UploadAsync(Invocation call, string? file, string field)
    {
        await using Stream from = file is null ? StandardInput.OpenRead() : Open(file, field);
        return await Transfer.UploadAsync(call.Daemon, to => from.CopyToAsync(to));
    }

    /// <summary>Uploads it and names it to the tool.</summary>
    internal static async Task<ToolArguments> AddAsync(Invocation call, ToolArguments arguments, string? file, string field) =>
        arguments.Add("archive", new ToolArguments().Add("upload", await UploadAsync(call, file, field)));

    private static FileStream Open(string file, string field)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read);
        }
        catch (Exception e) when (Failure.IsOfFile(e))
        {
            throw QuiltException.Invalid(field, $"'{file}' cannot be read", "name a file that you may read");
        }
    }
}
