// Where the page begins.

import { render } from "preact";
import { App } from "./app";
import { start } from "./live";
import { currentLanguage, speak } from "./strings";

speak(currentLanguage());
const root = document.getElementById("page");
if (root) render(<App />, root);
start();
