using System.Net;
using Quilt.Testing.Otlp;

namespace Quilt.Testing;

/// <summary>Takes spans by OTLP over HTTP, and keeps them.</summary>
public sealed class TraceCollector : IDisposable
{
    private readonly HttpListener _listener;
    private readonly List<(string Service, Span Span)> _spans = [];

    public TraceCollector()
    {
        // There is no way to ask for any port: one that is taken in between is looked for again, by a new one, for what did not start is closed.
        for (int port = 20000 + (Environment.ProcessId % 10000); ; port++)
        {
            Url = $"http://127.0.0.1:{port}/";
            _listener = new HttpListener { Prefixes = { Url } };
            try
            {
                _listener.Start();
                break;
            }
            catch (HttpListenerException)
            {
            }
        }

        _ = TakeAsync();
    }

    public string Url { get; }

    /// <summary>Each with the service that it is of.</summary>
    public IReadOnlyList<(string Service, Span Span)> Spans
    {
        get
        {
            lock (_spans)
            {
                return [.. _spans];
            }
        }
    }

    public void Dispose() => ((IDisposable)_listener).Dispose();

    private async Task TakeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                ExportRequest request = ExportRequest.Parser.ParseFrom(context.Request.InputStream);
                lock (_spans)
                {
                    _spans.AddRange(
                        from of in request.ResourceSpans
                        let service = of.Resource.Attributes.Single(a => a.Key == "service.name").Value.StringValue
                        from scope in of.ScopeSpans
                        from span in scope.Spans
                        select (service, span));
                }

                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
