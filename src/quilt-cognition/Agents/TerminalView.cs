using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Quilt.Core;
using Spectre.Console;

namespace Quilt.Cognition.Program;

/// <summary>A run for people: the model's words on the standard output; each call with its outcome, one line, and all else, on the standard error.</summary>
internal sealed class TerminalView(TextWriter output, TextWriter error, IAnsiConsole? console)
{
    private const int LongestArguments = 160, LongestOutcome = 160;

    /// <summary>A line is broken by the terminal, where it is broken at all.</summary>
    private const int Unbroken = 1 << 16;
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>In colour where the standard error is a terminal.</summary>
    public static TerminalView OfConsole()
    {
        if (Console.IsErrorRedirected)
        {
            return new TerminalView(Console.Out, Console.Error, null);
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Profile.Width = Unbroken;
        return new TerminalView(Console.Out, Console.Error, console);
    }

    public void Show(AgentEvent happened)
    {
        switch (happened)
        {
            case AgentEvent.Began began:
                Line($"{began.Agent} works with {began.Model}, in {(began.Session is null ? "its standing session" : "session " + began.Session)}; {began.Tools.Count} tools", "grey");
                break;
            case AgentEvent.Said said:
                output.WriteLine(Plain(said.Text, keepLines: true));
                output.Flush();
                break;
            case AgentEvent.Called called:
                Write($"-> {called.Tool} ", "blue");
                Write(Shorten(called.Arguments.ToJsonString(Readable), LongestArguments), "default");
                break;
            case AgentEvent.Answered answered:
                Line($" => {Outcome(answered)} ({Time(answered.Duration)})", answered.Failed ? "red" : "green");
                break;
            case AgentEvent.Delayed delayed:
                Line($"{delayed.Reason}; it is asked again in {Time(delayed.Pause)}", "red");
                break;
            case AgentEvent.Cleaned cleaned:
                Line($"cleaned up: {cleaned.What}", "grey");
                break;
            case AgentEvent.Ended ended:
                Line(string.Create(CultureInfo.InvariantCulture, $"{ended.Outcome}{(ended.Reason is null ? "" : ": " + ended.Reason)} ({ended.Requests} requests, {ended.InputTokens} + {ended.OutputTokens} tokens)"), ended.Outcome == "done" ? "green" : "red");
                break;
            default:
                break;
        }
    }

    public void Fail(QuiltException failure)
    {
        Line($"quilt-cognition: {failure.Code.WireName()}: {failure.Message}", "red");
        if (failure.Remedy is { } remedy)
        {
            Line($"  remedy: {remedy}", "default");
        }
    }

    public void Note(string text) => Line(text, "grey");

    /// <summary>What matters of a result, in a few words.</summary>
    private static string Outcome(AgentEvent.Answered answered) => answered.Result switch
    {
        JsonObject failure when answered.Failed => Shorten($"{failure["code"]}: {failure["message"]}", LongestOutcome),
        JsonObject exec when exec["exitCode"] is { } code && exec.ContainsKey("stdout") => Shorten($"exit {code}{Stream(exec, "stdout")}{Stream(exec, "stderr")}", LongestOutcome),
        null => "nothing",
        var other => Shorten(other.ToJsonString(Readable), LongestOutcome),
    };

    private static string Stream(JsonObject exec, string name) => exec[name]?.GetValue<string>() is { Length: > 0 } text ? $", {name} {JsonValue.Create(text[..Math.Min(text.Length, LongestOutcome)]).ToJsonString(Readable)}" : "";

    private static string Time(TimeSpan time) => time.TotalSeconds >= 1 ? time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s" : time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) + " ms";

    private static string Shorten(string text, int most) => text.Length > most ? text[..most] + "…" : text;

    private void Line(string text, string style)
    {
        Write(text, style);
        error.WriteLine();
        error.Flush();
    }

    private void Write(string text, string style)
    {
        string plain = Plain(text, keepLines: false);
        if (console is null)
        {
            error.Write(plain);
        }
        else
        {
            console.Markup($"[{style}]{Markup.Escape(plain)}[/]");
        }

        error.Flush();
    }

    /// <summary>What a model or a command wrote cannot move the cursor, or whatever else a terminal does when it is told to.</summary>
    private static string Plain(string text, bool keepLines)
    {
        StringBuilder plain = new(text.Length);
        foreach (char c in text)
        {
            plain.Append(char.IsControl(c) && !(keepLines && c is '\n' or '\t') ? '·' : c);
        }

        return plain.ToString();
    }
}
