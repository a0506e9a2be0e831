using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Quilt.Build.Tests.Fixtures;

/// <summary>Files over http, and repositories of git's over its own program for that; on the loopback.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private static int _port = 20_000 + Environment.ProcessId % 20_000;
    private readonly HttpListener _listener;
    private readonly Task _serving;

    internal WebServer()
    {
        // The port is only known to be free by taking it.
        HttpListener? listener;
        while (!TryListen(Interlocked.Increment(ref _port), out listener))
        {
        }

        _listener = listener!;

        Address = _listener.Prefixes.Single();
        _serving = Task.Run(ServeAsync);
    }

    internal string Address { get; }
    internal Dictionary<string, Action<HttpListenerContext>> Paths { get; } = [];

    /// <summary>The folder that repositories lie in.</summary>
    internal string? Repositories { get; set; }

    internal List<string> Requests { get; } = [];

    internal void AddFile(string path, byte[] content) => Paths[path] = c => c.Response.OutputStream.Write(content);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private static bool TryListen(int port, out HttpListener? listener)
    {
        listener = new HttpListener { Prefixes = { string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/") } };
        try
        {
            listener.Start();
            return true;
        }
        catch (HttpListenerException)
        {
            return false;
        }
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            string path = context.Request.Url!.AbsolutePath;
            Requests.Add(path);
            try
            {
                if (Paths.TryGetValue(path, out Action<HttpListenerContext>? answer))
                {
                    answer(context);
                }
                else if (Repositories is not null && path.Contains(".git/", StringComparison.Ordinal))
                {
                    await ServeGitAsync(context, path);
                }
                else
                {
                    context.Response.StatusCode = 404;
                }

                context.Response.Close();
            }
            catch (Exception e) when (e is IOException or HttpListenerException)
            {
                // The client had enough.
                context.Response.Abort();
            }
        }
    }

    /// <summary>As a CGI program (RFC 3875).</summary>
    private async Task ServeGitAsync(HttpListenerContext context, string path)
    {
        ProcessStartInfo start = new("git", "http-backend") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["GIT_PROJECT_ROOT"] = Repositories;
        start.Environment["GIT_HTTP_EXPORT_ALL"] = "1";
        start.Environment["GIT_CONFIG_COUNT"] = "1";
        start.Environment["GIT_CONFIG_KEY_0"] = "safe.directory";
        start.Environment["GIT_CONFIG_VALUE_0"] = "*";
        start.Environment["PATH_INFO"] = path;
        start.Environment["QUERY_STRING"] = context.Request.Url!.Query.TrimStart('?');
        start.Environment["REQUEST_METHOD"] = context.Request.HttpMethod;
        start.Environment["CONTENT_TYPE"] = context.Request.ContentType ?? "";
        start.Environment["HTTP_CONTENT_ENCODING"] = context.Request.Headers["Content-Encoding"] ?? "";
        start.Environment["HTTP_GIT_PROTOCOL"] = context.Request.Headers["Git-Protocol"] ?? "";
        using Process git = Process.Start(start)!;
        await context.Request.InputStream.CopyToAsync(git.StandardInput.BaseStream);
        git.StandardInput.Close();
        using MemoryStream answer = new();
        await git.StandardOutput.BaseStream.CopyToAsync(answer);
        await git.WaitForExitAsync();
        byte[] content = answer.ToArray();
        int end = content.AsSpan().IndexOf("\r\n\r\n"u8);
        foreach (string line in Encoding.ASCII.GetString(content, 0, end).Split("\r\n"))
        {
            string[] header = line.Split(": ", 2);
            if (header[0] == "Status")
            {
                context.Response.StatusCode = int.Parse(header[1][..3], CultureInfo.InvariantCulture);
            }
            else
            {
                context.Response.Headers[header[0]] = header[1];
            }
        }

        await context.Response.OutputStream.WriteAsync(content.AsMemory(end + 4));
    }
}
