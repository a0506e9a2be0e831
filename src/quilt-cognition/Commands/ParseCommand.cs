using System.Globalization;
using System.Text.Json;
using Quilt.Core;

namespace Quilt.Cognition.Program;

/// <summary>
/// <c>quilt-cognition parse CPU-SECONDS</c>, started by <c>call</c>: confines itself, says so by one line, reads a request (one line of
/// JSON) and the document (all that follows), and answers as <c>call</c> does. It may die of the document at any point.
/// </summary>
internal static class ParseCommand
{
    public const string Name = "parse";

    /// <summary>What is written when nothing of the document has been read yet and the process is confined.</summary>
    public const string Ready = "ready\n";

    private const int MaxHeaderBytes = 64 << 10, StackBytes = 16 << 20;

    public static int Run(string cpuSeconds)
    {
        WorkerConfinement.Enter(ulong.Parse(cpuSeconds, NumberStyles.None, CultureInfo.InvariantCulture));
        using Stream input = Console.OpenStandardInput(), output = Console.OpenStandardOutput();
        output.Write("ready\n"u8);
        if (Header(input) is not { } request)
        {
            return 1; // whoever started us has gone
        }

        using MemoryStream document = new();
        input.CopyTo(document);
        CallResponse response = new();

        // A stack that what is nested as deep as people nest things fits in; deeper ends the process.
        Thread parsing = new(() => response = Parse(request, document.ToArray()), StackBytes);
        parsing.Start();
        parsing.Join();
        JsonSerializer.Serialize(output, response, CognitionJson.Default.CallResponse);
        return 0;
    }

    private static CallResponse Parse(DocumentRequest request, byte[] document)
    {
        try
        {
            ParseDocumentResult result = DocumentParser.Parse(request, document);
            return new CallResponse { Result = JsonSerializer.SerializeToElement(result, CognitionJson.Default.ParseDocumentResult) };
        }
        catch (QuiltException e)
        {
            if (e.InnerException is { } cause)
            {
                Console.Error.WriteLine(cause); // for the daemon's log
            }

            return new CallResponse { Error = CallError.Of(e) };
        }
        catch (OutOfMemoryException)
        {
            return new CallResponse { Error = CallError.Of(WorkerFailure.Memory(request.Argument)) };
        }
    }

    private static DocumentRequest? Header(Stream input)
    {
        byte[] line = new byte[MaxHeaderBytes];
        for (int length = 0; length < line.Length; length++)
        {
            int next = input.ReadByte();
            if (next < 0)
            {
                return null;
            }

            if (next == '\n')
            {
                return JsonSerializer.Deserialize(line.AsSpan(0, length), DocumentRequestJson.Default.DocumentRequest);
            }

            line[length] = (byte)next;
        }

        return null;
    }
}
