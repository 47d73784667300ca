// Command k8syaml reads YAML as Kubernetes does, with sigs.k8s.io/yaml, and prints what it got, for comparison.
//
// Each argument is a file or a folder. For each document it prints one line of JSON: the path, the byte offsets of the
// document, and either its value as JSON or the error. Documents are told apart at lines that begin with "---".
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	yamlv2 "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"
)

type document struct {
	Path  string          `json:"path"`
	Start int             `json:"start"`
	End   int             `json:"end"`
	Value json.RawMessage `json:"value,omitempty"`
	Error string          `json:"error,omitempty"`
	// Rest says that something follows the value which Kubernetes never looks at.
	Rest bool `json:"rest,omitempty"`
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for _, root := range os.Args[1:] {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			if path != root && !strings.HasSuffix(path, ".yaml") && !strings.HasSuffix(path, ".yml") {
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return read(out, path, text)
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
}

// isMarker says whether a line begins a document.
func isMarker(line []byte) bool {
	return bytes.HasPrefix(line, []byte("---")) && (len(line) == 3 || bytes.IndexByte([]byte(" \t\r\n"), line[3]) >= 0)
}

func read(out *bufio.Writer, path string, text []byte) error {
	start := 0
	for at := 0; at <= len(text); {
		end := bytes.IndexByte(text[at:], '\n')
		next := len(text) + 1
		if end >= 0 {
			next = at + end + 1
		}
		line := text[at:min(next, len(text))]
		if at > start && isMarker(line) {
			if err := one(out, path, text, start, at); err != nil {
				return err
			}
			start = at
		}
		at = next
	}
	return one(out, path, text, start, len(text))
}

func one(out *bufio.Writer, path string, text []byte, start, end int) (err error) {
	found := document{Path: path, Start: start, End: end}
	func() {
		// The library panics on some input; that is a refusal too.
		defer func() {
			if cause := recover(); cause != nil {
				found.Error = fmt.Sprint(cause)
			}
		}()
		value, err := yaml.YAMLToJSON(text[start:end])
		if err != nil {
			found.Error = err.Error()
		} else {
			found.Value = value
			decoder := yamlv2.NewDecoder(bytes.NewReader(text[start:end]))
			var first, second any
			found.Rest = decoder.Decode(&first) == nil && decoder.Decode(&second) != io.EOF
		}
	}()
	line, err := json.Marshal(found)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", line)
	return err
}
