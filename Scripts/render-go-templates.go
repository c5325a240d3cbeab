// Renders chat templates with Go's text/template, which Ollama uses; for ModelfileTests.
//
// Needs: Go 1.19 (Debian: apt-get install golang-go). usage: go run render-go-templates.go CASES.json TEXTS.json
// CASES.json is a list of {"template", "messages": [{"Role", "Content"}]}; TEXTS.json gets the list of texts.
package main

import (
	"encoding/json"
	"os"
	"strings"
	"text/template"
)

type message struct{ Role, Content string }

type example struct {
	Template string    `json:"template"`
	Messages []message `json:"messages"`
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	bytes, err := os.ReadFile(os.Args[1])
	check(err)
	var examples []example
	check(json.Unmarshal(bytes, &examples))
	texts := []string{}
	for _, e := range examples {
		parsed, err := template.New("").Option("missingkey=error").Parse(e.Template)
		check(err)
		var text strings.Builder
		check(parsed.Execute(&text, e))
		texts = append(texts, text.String())
	}
	bytes, err = json.Marshal(texts)
	check(err)
	check(os.WriteFile(os.Args[2], bytes, 0o644))
}
